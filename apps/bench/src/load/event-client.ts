import { Agent, type IncomingMessage, request } from 'node:http';
import { createEventParser } from '../payload/events.js';
import { addReports, createOrderCheck, type OrderReport } from '../payload/order.js';
import { wallClockMs } from '../payload/wall-clock.js';
import { type Latencies, latencies } from '../report/percentiles.js';

export interface EventsSeen extends OrderReport {
  /** Streams that broke off, and those that ended without their last event. */
  readonly cut: number;
  /** Bytes that were no event. */
  readonly garbled: number;
  readonly latency: Latencies;
}

interface StreamSeen {
  readonly report: OrderReport;
  readonly end: 'ended' | 'cut' | 'garbled';
}

/** Streams that are opened at a time: opening is not what is measured. */
const OPENING = 25;

/** Many clients that listen to server-sent events. */
export async function role({ origin }: { readonly origin: string }) {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const latenciesMs: number[] = [];
  let counted = 0;
  let streams: Promise<StreamSeen>[] = [];
  let expected = 0;

  const follow = (response: IncomingMessage): Promise<StreamSeen> =>
    new Promise((resolve) => {
      const check = createOrderCheck();
      let count: number | undefined;
      const finish = (end: StreamSeen['end']): void => resolve({ report: check.report(count ?? expected), end });
      const parse = createEventParser(({ kind, number, stampMs }) => {
        if (kind === 'end') count = number;
        else {
          if (number >= counted) latenciesMs.push(wallClockMs() - stampMs);
          check.take(number);
        }
      });
      response.on('data', (chunk: Buffer) => {
        try {
          parse(chunk);
        } catch {
          finish('garbled');
          response.destroy();
        }
      });
      response.once('end', () => finish(count === undefined ? 'cut' : 'ended'));
      response.once('error', () => finish('cut'));
      response.once('close', () => finish('cut'));
    });

  const open = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const outgoing = request(`${origin}/events`, { agent, headers: { Accept: 'text/event-stream' } });
      outgoing.once('response', resolve).once('error', reject).end();
    });

  return {
    /**
     * Opens streams that are to bring `each` events; the time of the first `uncounted` ones is of no
     * interest. Resolves when each has its head, with how many were refused.
     */
    async connect(count: number, each: number, uncounted: number): Promise<{ refused: number }> {
      expected = each;
      counted = uncounted;
      let refused = 0;
      let left = count;
      streams = [];
      const opener = async (): Promise<void> => {
        while (left-- > 0) {
          const response = await open().catch(() => null);
          if (response?.statusCode === 200) streams.push(follow(response));
          else {
            refused++;
            response?.resume();
          }
        }
      };
      await Promise.all(Array.from({ length: OPENING }, opener));
      return { refused };
    },
    /** Resolves when all have ended. */
    async seen(): Promise<EventsSeen> {
      const all = await Promise.all(streams);
      return {
        ...addReports(all.map(({ report }) => report)),
        cut: all.filter(({ end }) => end === 'cut').length,
        garbled: all.filter(({ end }) => end === 'garbled').length,
        latency: latencies(latenciesMs),
      };
    },
  };
}
