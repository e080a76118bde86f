import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';
import { openAdaptiveWriter } from './adaptive-writer.js';
import { header, readRecords } from './request-reader.js';

/** Sends each record back, with its number. */
export async function role({ broker, there, back }: { broker: BrokerUnderTest; there: string; back: string }) {
  const writer = await openAdaptiveWriter(broker);
  let inFlight = 0;
  await readRecords({ broker, topic: there, partition: 0 }, (message) => {
    inFlight++;
    // What came with it in one batch is under way too.
    setImmediate(() => {
      inFlight--;
    });
    writer.write(back, 0, message.value, [{ id: header(message, 'id') }], inFlight);
  });
  return {};
}
