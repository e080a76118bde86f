import { BridgeError, type ReplyEnvelope } from '@kafka-http-proxy/protocol';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { createTestCore } from '../testing/bridge.js';
import type { OutboundRequest } from './outbound.js';

const request: OutboundRequest = {
  head: { method: 'GET', target: '/', headers: [], client: null, trace: null },
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

function setUp() {
  const clock = new FakeClock(5_000_000);
  const core = createTestCore({}, clock);
  const { exchange, settlement } = core;
  const outcomes: string[] = [];
  const start = () =>
    exchange.start(request, to, address, {
      reply: (reply) => outcomes.push(`reply ${reply.correlationId}`),
      stream: () => {
        throw new Error('no reply streams here');
      },
      fail: (error, id) => outcomes.push(`${error.code} ${id}`),
    });
  return { clock, core, exchange, settlement, told: core.told, outcomes, start };
}

describe('an exchange', () => {
  it('publishes the request with its deadline and reply address, and settles once', async () => {
    const { clock, core, settlement, told, outcomes, start } = setUp();
    const { correlationId } = start();
    expect(core.published[0]).toMatchObject({ correlationId, deadlineMs: 5_001_000, reply: address, version: 2 });
    await clock.advance(20);
    settlement.settle(replyTo(correlationId));
    settlement.settle(replyTo(correlationId));
    expect(outcomes).toEqual([`reply ${correlationId}`]);
    expect(told).toEqual(['replied 20', 'late']);
    expect(core.pending.size).toBe(0);
    expect(clock.waiting).toBe(0);
  });

  it('ends at its deadline, after which its reply is late', async () => {
    const { clock, settlement, told, outcomes, start } = setUp();
    const { correlationId } = start();
    await clock.advance(999);
    expect(outcomes).toEqual([]);
    await clock.advance(1);
    settlement.settle(replyTo(correlationId));
    expect(outcomes).toEqual([`timeout ${correlationId}`]);
    expect(told).toEqual(['timed out', 'late']);
  });

  it('asks what became of it, and takes a reply that comes meanwhile', async () => {
    const { clock, core, settlement, told, outcomes, start } = setUp();
    core.asksProcessors = true;
    const [first, second] = [start(), start()];
    await clock.advance(1000);
    expect(outcomes).toEqual([]);
    settlement.settle(replyTo(first.correlationId));
    await clock.advance(500);
    expect(outcomes).toEqual([`reply ${first.correlationId}`, `timeout ${second.correlationId}`]);
    expect([told, core.pending.size]).toEqual([['replied 1000', 'timed out'], 0]);
  });

  it('is freed at once when it is abandoned or cannot be published', () => {
    const { clock, core, outcomes, start } = setUp();
    start().abandon();
    expect(core.pending.size).toBe(0);
    const { correlationId } = start();
    core.settles[1]?.(new BridgeError('kafka_unavailable', 'away'));
    core.settles[0]?.(new BridgeError('kafka_unavailable', 'away'));
    expect(outcomes).toEqual([`kafka_unavailable ${correlationId}`]);
    expect(core.pending.size).toBe(0);
    expect(clock.waiting).toBe(0);
  });

  it('that is abandoned is recalled from whichever processor has it', () => {
    const { settlement, outcomes, start, core } = setUp();
    const running = start();
    running.abandon();
    running.abandon();
    expect(core.broadcasts).toMatchObject([
      { correlationId: running.correlationId, sequence: { cancel: true, exec: null } },
    ]);
    const answered = start();
    settlement.settle(replyTo(answered.correlationId));
    answered.abandon();
    expect(core.broadcasts).toHaveLength(1);
    expect(outcomes).toEqual([`reply ${answered.correlationId}`]);
  });

  it('does not take the reply of another instance', () => {
    const { core, settlement, told, start } = setUp();
    const { correlationId } = start();
    settlement.settle(replyTo(`AAAAAAAA${correlationId.slice(8)}`));
    expect(told).toEqual(['foreign']);
    expect(core.pending.size).toBe(1);
  });

  it('fails all that wait', () => {
    const { core, exchange, outcomes, start } = setUp();
    const first = start();
    const second = start();
    exchange.failAll(new BridgeError('shutting_down', 'bye'));
    const told = [first, second].map(({ correlationId }) => `shutting_down ${correlationId}`);
    expect(new Set(outcomes)).toEqual(new Set(told));
    expect(outcomes).toHaveLength(2);
    expect(core.pending.size).toBe(0);
  });
});
