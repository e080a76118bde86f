import {
  BridgeError,
  createCorrelationIds,
  type ReplyEnvelope,
  type RequestEnvelope,
} from '@kafka-http-proxy/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestCore } from '../testing/bridge.js';
import { createExchange, type ExchangeEvents, type OutboundRequest } from './exchange.js';
import { createPendingRequests } from './pending.js';

const request: OutboundRequest = {
  method: 'GET',
  target: '/',
  headers: [],
  client: null,
  trace: null,
  body: null,
  trailers: null,
};
const to = { requestTopic: 'requests', responseTopic: 'replies', timeoutMs: 1000, key: null };
const address = { topic: 'replies', partition: 3 };
const replyTo = (correlationId: string): ReplyEnvelope => ({
  version: 2,
  correlationId,
  status: 200,
  reason: null,
  headers: [],
  error: null,
  tookMs: null,
  body: null,
  trailers: null,
  sequence: null,
});

beforeEach(() => vi.useFakeTimers({ now: 5_000_000 }));
afterEach(() => vi.useRealTimers());

function setUp(asking: Array<(cause: string | null) => void> | null = null) {
  const published: RequestEnvelope[] = [];
  const failures: Array<(error: BridgeError | null) => void> = [];
  const told: string[] = [];
  const events: ExchangeEvents = {
    replied: (_to, _reply, elapsedMs) => told.push(`replied ${elapsedMs}`),
    timedOut: () => told.push('timed out'),
    late: () => told.push('late'),
    foreign: () => told.push('foreign'),
    malformedReply: (fault) => told.push(fault),
  };
  const pending = createPendingRequests();
  const core = createTestCore();
  const ids = createCorrelationIds();
  const exchange = createExchange({
    ids,
    pending,
    conversations: core.conversations,
    maxRecordBytes: 1_000_000,
    noStreams: () => null,
    enter: () => true,
    publish: (envelope, _to, failed) => {
      published.push(envelope);
      failures.push(failed);
    },
    events,
    version: 2,
    controlTopic: 'khp-control',
    explain: (_topic, _address, told) => (asking === null ? told(null) : asking.push(told)),
    now: Date.now,
  });
  const outcomes: string[] = [];
  const start = () =>
    exchange.start(request, to, address, {
      reply: (reply) => outcomes.push(`reply ${reply.correlationId}`),
      stream: () => {
        throw new Error('no reply streams here');
      },
      fail: (error, id) => outcomes.push(`${error.code} ${id}`),
    });
  return { exchange, published, failures, told, outcomes, start, pending, core };
}

describe('an exchange', () => {
  it('publishes the request with its deadline and reply address, and settles once', () => {
    const { exchange, published, told, outcomes, start } = setUp();
    const { correlationId } = start();
    expect(published[0]).toMatchObject({ correlationId, deadlineMs: 5_001_000, reply: address, version: 2 });
    vi.advanceTimersByTime(20);
    exchange.settle(replyTo(correlationId));
    exchange.settle(replyTo(correlationId));
    expect(outcomes).toEqual([`reply ${correlationId}`]);
    expect(told).toEqual(['replied 20', 'late']);
    expect(exchange.pending).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends at its deadline, after which its reply is late', () => {
    const { exchange, told, outcomes, start } = setUp();
    const { correlationId } = start();
    vi.advanceTimersByTime(999);
    expect(outcomes).toEqual([]);
    vi.advanceTimersByTime(1);
    exchange.settle(replyTo(correlationId));
    expect(outcomes).toEqual([`timeout ${correlationId}`]);
    expect(told).toEqual(['timed out', 'late']);
  });

  it('says what became of it, and takes a reply that comes while that is asked', () => {
    const asking: Array<(cause: string | null) => void> = [];
    const { exchange, told, outcomes, start } = setUp(asking);
    const [first, second] = [start(), start()];
    vi.advanceTimersByTime(1000);
    expect([outcomes, asking.length]).toEqual([[], 2]);
    exchange.settle(replyTo(first.correlationId));
    for (const tell of asking) tell('Nobody reads it.');
    expect(outcomes).toEqual([`reply ${first.correlationId}`, `timeout ${second.correlationId}`]);
    expect([told, exchange.pending]).toEqual([['replied 1000', 'timed out'], 0]);
  });

  it('is freed at once when it is abandoned or cannot be published', () => {
    const { exchange, failures, outcomes, start } = setUp();
    start().abandon();
    expect(exchange.pending).toBe(0);
    const { correlationId } = start();
    failures[1]?.(new BridgeError('kafka_unavailable', 'away'));
    failures[0]?.(new BridgeError('kafka_unavailable', 'away'));
    expect(outcomes).toEqual([`kafka_unavailable ${correlationId}`]);
    expect(exchange.pending).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that is abandoned is recalled from whichever processor has it', () => {
    const { exchange, outcomes, start, core } = setUp();
    const running = start();
    running.abandon();
    running.abandon();
    expect(core.broadcasts).toMatchObject([
      { correlationId: running.correlationId, sequence: { cancel: true, exec: null } },
    ]);
    const answered = start();
    exchange.settle(replyTo(answered.correlationId));
    answered.abandon();
    expect(core.broadcasts).toHaveLength(1);
    expect(outcomes).toEqual([`reply ${answered.correlationId}`]);
  });

  it('does not take the reply of another instance', () => {
    const { exchange, told, start } = setUp();
    const { correlationId } = start();
    exchange.settle(replyTo(`AAAAAAAA${correlationId.slice(8)}`));
    expect(told).toEqual(['foreign']);
    expect(exchange.pending).toBe(1);
  });

  it('fails all that wait', () => {
    const { exchange, outcomes, start } = setUp();
    const first = start();
    const second = start();
    exchange.failAll(new BridgeError('shutting_down', 'bye'));
    expect(outcomes).toEqual([`shutting_down ${first.correlationId}`, `shutting_down ${second.correlationId}`]);
    expect(exchange.pending).toBe(0);
  });
});
