import {
  type ContinuationEnvelope,
  createCorrelationIds,
  type Inbox,
  NO_SEQUENCE,
  type ProxyConfig,
  proxyConfig,
  type ReplyEnvelope,
  type RequestEnvelope,
  type Sequence,
} from '@kafka-http-proxy/protocol';
import { type DeadlineClock, type MemoryBudget, systemClock } from '@kafka-http-proxy/streams';
import { type Core, createCore } from '../core.js';
import { createPendingRequests, type PendingRequests } from '../exchange/pending.js';
import type { Publish } from '../exchange/publisher.js';
import { partOf } from '../streams/parts.js';
import { budgetOf } from '../streams/streams.js';
import { replyOf, startTestPlane, type TestPlane } from './ingress.js';

/** The inbox of a processor. */
export const INBOX: Inbox = { topic: 'khp-control', partition: 5 };

/** Settings for records of 4 KiB at most, of which 1 KiB bodies are part. */
export const SMALL = { kafka: { max_record_bytes: 4096 }, record_bytes: 1024, max_header_size: 1024 };

/** The head of a request with a body. */
export function postHead(length: number | 'chunked', more = ''): string {
  const framing = length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
  return `POST / HTTP/1.1\r\nHost: h\r\n${framing}\r\n${more}\r\n`;
}

/** A record that was sent to a processor; settles it when called. */
export interface SentPart {
  readonly to: Inbox;
  readonly part: ContinuationEnvelope;
  readonly compression: string | undefined;
  settle(error: Error | null): void;
}

/** The core of a proxy, with the test in the place of Kafka and of the processors. */
export interface TestCore extends Core {
  readonly config: ProxyConfig;
  readonly pending: PendingRequests;
  readonly budget: MemoryBudget;
  readonly published: RequestEnvelope[];
  /** Ends the publication of the n-th request. */
  readonly settles: Parameters<Publish>[2][];
  readonly sent: SentPart[];
  readonly broadcasts: ContinuationEnvelope[];
  /** What was reported to metrics. */
  readonly told: string[];
  readonly open: { upload: number; reply: number };
  /** Why there are no streams; null: there are. */
  whyNoStreams: string | null;
  /** Processors can be asked what became of a request; they don't answer. */
  asksProcessors: boolean;
  /** Records to the processors are acknowledged at once. */
  acknowledges: boolean;
  /** The first record of a reply, of execution `exec`. */
  head(fields?: Partial<ReplyEnvelope>, sequence?: Partial<Sequence>): void;
  /** A later record, or credit, of a processor's. */
  part(sequence: Partial<Sequence>, content?: Partial<ContinuationEnvelope>): void;
}

/** The core as the product has it, between the fakes of the test. */
export function createTestCore(settings: Record<string, unknown> = {}, clock: DeadlineClock = systemClock): TestCore {
  const config = proxyConfig.parse(settings);
  const sent: SentPart[] = [];
  const broadcasts: ContinuationEnvelope[] = [];
  const open = { upload: 0, reply: 0 };
  const published: RequestEnvelope[] = [];
  const settles: Parameters<Publish>[2][] = [];
  const told: string[] = [];
  const budget = budgetOf(config);
  const pending = createPendingRequests(clock);
  const core = createCore({
    config,
    ids: createCorrelationIds(),
    pending,
    budget,
    publish(envelope, _to, settled) {
      published.push(envelope);
      settles.push(settled);
    },
    inboxes: {
      trouble: () => test.whyNoStreams,
      send(to, part, compression, settle) {
        sent.push({ to, part, compression, settle });
        if (test.acknowledges) queueMicrotask(() => settle(null));
      },
      broadcast: (part) => void broadcasts.push(part),
      ask: () => test.asksProcessors,
    },
    events: {
      replied: (_topic, elapsedMs) => told.push(elapsedMs === 0 ? 'replied' : `replied ${elapsedMs}`),
      timedOut: () => told.push('timed out'),
      late: () => told.push('late'),
      foreign: () => told.push('foreign'),
      malformedReply: (fault) => told.push(fault),
      opened(direction, change) {
        open[direction] += change;
      },
      moved: () => undefined,
      claimRefused: (reason) => told.push(`claim ${reason}`),
    },
    clock,
  });
  const latest = () => published.at(-1)?.correlationId ?? 'none';
  const test: TestCore = {
    ...core,
    config,
    pending,
    budget,
    published,
    settles,
    sent,
    broadcasts,
    told,
    open,
    whyNoStreams: null,
    acknowledges: true,
    asksProcessors: false,
    head(fields = {}, sequence = {}) {
      const beginning = { ...NO_SEQUENCE, seq: 0, exec: 'a', inbox: INBOX, ...sequence };
      core.settlement.settle(replyOf({ correlationId: latest(), body: null, sequence: beginning, ...fields }));
    },
    part(sequence, content = {}) {
      core.settlement.take({ ...partOf(latest(), { exec: 'a', ...sequence }), ...content });
    },
  };
  return test;
}

/** A data plane and the core behind it. */
export async function startTestBridge(
  settings: Record<string, unknown> = {},
): Promise<TestCore & { plane: TestPlane }> {
  const core = createTestCore(settings);
  return Object.assign(core, { plane: await startTestPlane(core) });
}
