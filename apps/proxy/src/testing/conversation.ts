import type { BridgeError, ErrorCode, HeaderList, ReplyEnvelope } from '@kafka-http-proxy/protocol';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import type { RunningUpload } from '../exchange/exchange.js';
import type { RunningExchange } from '../exchange/waiting-request.js';
import type { ReplySource, Waiter } from '../waiter.js';
import { createTestCore, type TestCore } from './bridge.js';

const to = { requestTopic: 'requests', responseTopic: 'replies', timeoutMs: 600_000, key: null };
const address = { topic: 'replies', partition: 3 };
const head = { method: 'POST', target: '/', headers: [], client: null, trace: null };

/** A client that notes what it gets. */
export class TestClient implements Waiter {
  readonly outcome: string[] = [];
  readonly received: Buffer[] = [];
  source: ReplySource | null = null;
  trailers: HeaderList | null = null;

  reply = (reply: ReplyEnvelope) => void this.outcome.push(`reply ${reply.status}`);
  fail = (error: BridgeError) => void this.outcome.push(error.code);
  stream = (reply: ReplyEnvelope, source: ReplySource) => {
    this.source = source;
    this.outcome.push(`stream ${reply.status}`);
    return {
      data: (chunk: Buffer) => void this.received.push(chunk),
      end: (trailers: HeaderList | null) => {
        this.trailers = trailers;
        this.outcome.push('end');
      },
      failed: (reason: string) => void this.outcome.push(`cut ${reason}`),
    };
  };
}

/** A core whose clock the test turns, and a client before it. */
export interface TestConversation {
  readonly clock: FakeClock;
  readonly core: TestCore;
  readonly client: TestClient;
  /** Sends a request without a body. */
  ask(): RunningExchange;
  /** Sends a request whose body goes on behind `body`. */
  upload(body: Buffer, drained?: () => undefined): RunningUpload;
}

/** A core with records of 1 KiB, and 30 s of silence allowed. */
export function setUpConversation(settings: Record<string, unknown> = {}): TestConversation {
  const clock = new FakeClock();
  const core = createTestCore({ record_bytes: 1024, stream_idle_timeout: 30, ...settings }, clock);
  const client = new TestClient();
  return {
    clock,
    core,
    client,
    ask: () => core.exchange.start({ head, trailers: null, body: null }, to, address, client),
    upload: (body, drained = () => undefined) =>
      core.exchange.startUpload({ head, trailers: null, body }, to, address, client, drained),
  };
}

/** A record that was sent to a processor, as tests look at it. */
export interface RecordShown {
  readonly exec: string | null;
  readonly seq: number | null;
  readonly end: boolean;
  readonly credit: number | null;
  readonly cancel: boolean;
  readonly error: ErrorCode | null;
  readonly bytes: number;
}

/** What was sent to processors. */
export function recordsOf({ sent }: TestCore): RecordShown[] {
  return sent.map(({ part: { sequence, error, body } }) => {
    const { seq, end, exec, credit, cancel } = sequence;
    return { exec, seq, end, credit, cancel, error, bytes: body?.length ?? 0 };
  });
}

/** What was sent to processors last. */
export const lastOf = (core: TestCore): RecordShown | undefined => recordsOf(core).at(-1);
