import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';
import type { LoadResult } from '../load/load-result.js';
import { percentiles } from '../report/percentiles.js';
import { openAdaptiveWriter } from './adaptive-writer.js';
import { header, readRecords } from './request-reader.js';

/** Bytes of a record of the ping: about what a small request makes. */
const VALUE = Buffer.alloc(200, 'ping');

/** The two hops without HTTP: records to the echo and back, so many under way at once. */
export async function role({ broker, there, back }: { broker: BrokerUnderTest; there: string; back: string }) {
  const writer = await openAdaptiveWriter(broker);
  const sentMs = new Map<string, number>();
  let returned: (id: string) => void = () => undefined;
  await readRecords({ broker, topic: back, partition: 0 }, (message) => returned(header(message, 'id')));
  let last = 0;
  return {
    async run(inFlight: number, seconds: number): Promise<LoadResult> {
      const tookMs: number[] = [];
      const startMs = performance.now();
      const endMs = startMs + seconds * 1000;
      await new Promise<void>((resolve) => {
        const send = () => {
          const id = String(++last);
          sentMs.set(id, performance.now());
          writer.write(there, 0, VALUE, [{ id }], inFlight);
        };
        returned = (id) => {
          const nowMs = performance.now();
          tookMs.push(nowMs - (sentMs.get(id) ?? Number.NaN));
          sentMs.delete(id);
          if (nowMs < endMs) send();
          else if (sentMs.size === 0) resolve();
        };
        for (let i = 0; i < inFlight; i++) send();
      });
      const perSecond = tookMs.length / ((performance.now() - startMs) / 1000);
      return { requests: tookMs.length, failed: 0, perSecond, ...percentiles(tookMs) };
    },
  };
}
