import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { BridgeError } from '@kafka-http-proxy/protocol';
import { createMemoryBudget } from '@kafka-http-proxy/streams';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { OutboundHead } from '../../exchange/outbound.js';
import { createPaces } from './body-pace.js';
import { createBodyPlanner } from './body-plan.js';
import { type BodyPlan, readBody } from './read-body.js';

afterEach(() => vi.useRealTimers());

/** A request whose body the test writes. */
function requestOf(headers: Record<string, string> = { 'transfer-encoding': 'chunked' }) {
  return Object.assign(new PassThrough(), { headers, rawTrailers: [] as string[] });
}
const asRequest = (body: unknown) => body as IncomingMessage;

function setUp(change: Partial<BodyPlan> = {}) {
  const budget = createMemoryBudget({ limitBytes: 2_000_000, maxStreams: 1, streamWindow: 65_536 });
  const room = vi.fn(() => 1000);
  const plan: BodyPlan = {
    maxBytes: 0,
    surelyWhole: 500,
    room,
    firstBytes: 200,
    refusal: null,
    withinMs: 60_000,
    budget,
    paces: createPaces({ minRate: 0, clock: new FakeClock() }),
    ...change,
  };
  const outcome = {
    whole: vi.fn((_body: Buffer, _trailers: unknown, release: () => void) => release()),
    long: vi.fn((_first: Buffer, _behind: Buffer, release: () => void) => release()),
    refused: vi.fn(),
  };
  return { budget, room, plan, outcome };
}

describe('a body', () => {
  it('that surely fits is whole without a look at its head', async () => {
    const { plan, outcome, room, budget } = setUp();
    const request = requestOf();
    readBody(asRequest(request), plan, outcome);
    request.write('x'.repeat(400));
    request.end('yz');
    await vi.waitFor(() => expect(outcome.whole).toHaveBeenCalledOnce(), { timeout: 20_000 });
    expect(outcome.whole.mock.calls[0]?.[0].length).toBe(402);
    expect(room).not.toHaveBeenCalled();
    expect(budget.reserved).toBe(0);
  });

  it('of unknown length is a stream from the byte that does not fit', async () => {
    const { plan, outcome } = setUp();
    const request = requestOf();
    readBody(asRequest(request), plan, outcome);
    request.write(Buffer.alloc(1000));
    await vi.waitFor(() => expect(request.readableLength).toBe(0), { timeout: 20_000 });
    expect(outcome.long).not.toHaveBeenCalled();
    request.write('x');
    await vi.waitFor(() => expect(outcome.long).toHaveBeenCalledOnce(), { timeout: 20_000 });
    expect(outcome.long.mock.calls[0]?.slice(0, 2).map((part) => (part as Buffer).length)).toEqual([1000, 1]);
  });

  it('that is announced to be too long is one as soon as its first record is there', async () => {
    const { plan, outcome } = setUp();
    const request = requestOf({ 'content-length': '1001' });
    readBody(asRequest(request), plan, outcome);
    request.write(Buffer.alloc(199));
    await vi.waitFor(() => expect(request.readableLength).toBe(0), { timeout: 20_000 });
    expect(outcome.long).not.toHaveBeenCalled();
    request.write('x');
    await vi.waitFor(() => expect(outcome.long).toHaveBeenCalledOnce(), { timeout: 20_000 });
    expect(outcome.long.mock.calls[0]?.[0].length).toBe(200);
  });

  it('that does not arrive in time is refused, and what it held is given back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { plan, outcome, budget } = setUp();
    const request = requestOf();
    readBody(asRequest(request), plan, outcome);
    request.write('half');
    await new Promise(setImmediate);
    expect(budget.reserved).toBe(4);
    vi.advanceTimersByTime(60_000);
    expect(outcome.refused).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'request_timeout' }));
    request.end('late');
    await new Promise(setImmediate);
    expect([outcome.whole.mock.calls, budget.reserved, vi.getTimerCount()]).toEqual([[], 0, 0]);
  });

  it('whose client goes away is forgotten', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { plan, outcome, budget } = setUp();
    const request = requestOf();
    readBody(asRequest(request), plan, outcome);
    request.write('half');
    await new Promise(setImmediate);
    request.destroy();
    await new Promise(setImmediate);
    expect([budget.reserved, vi.getTimerCount(), outcome.refused.mock.calls]).toEqual([0, 0, []]);
  });
});

describe('a plan', () => {
  const planner = (why: string | null) =>
    createBodyPlanner({
      whyNoStreams: () => why,
      room: () => 900_000,
      budget: createMemoryBudget({ limitBytes: 2_000_000, maxStreams: 1, streamWindow: 65_536 }),
      paces: createPaces({ minRate: 0, clock: new FakeClock() }),
      maxBodyBytes: 0,
      maxRecordBytes: 1_000_000,
      maxHeaderBytes: 65_536,
      recordBytes: 262_144,
      withinMs: 300_000,
    });
  const to = { requestTopic: 'a', responseTopic: 'b', timeoutMs: 1, key: null };
  const plan = (why: string | null, length: number) =>
    planner(why).plan(asRequest(requestOf({ 'content-length': String(length) })), {} as OutboundHead, to);

  it('refuses at once what is announced to be too long where there are no streams, and says why', () => {
    expect(() => plan('wire: v1 has none', 900_001)).toThrow(BridgeError);
    expect(() => plan('wire: v1 has none', 900_001)).toThrow(/larger than 900000 bytes, and wire: v1 has none/);
    expect(plan('wire: v1 has none', 900_000).refusal).not.toBeNull();
    expect(plan(null, 900_001).refusal).toBeNull();
  });
});
