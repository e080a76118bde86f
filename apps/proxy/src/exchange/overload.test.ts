import { describe, expect, it } from 'vitest';
import { createOverload, type Overload } from './overload.js';

type Reply = Parameters<Overload['replied']>[1];

const to = { requestTopic: 'requests', timeoutMs: 10_000 };

function setUp(on = true) {
  let nowMs = 1_000_000;
  let count = 0;
  const clock = { now: () => nowMs, after: () => () => undefined };
  const overload = createOverload({ on, waiting: () => count, clock });
  return {
    /** `perSecond` replies for a while, each to a request that had waited. */
    replies(perSecond: number, ms: number, waitedMs: number, reply: Partial<Reply> = {}) {
      for (let i = 0; i < (perSecond * ms) / 1000; i++) {
        nowMs += 1000 / perSecond;
        overload.replied(to, { tookMs: 5, error: null, ...reply }, waitedMs + 5);
      }
    },
    /** Whether a request is taken with so many before it. */
    taken(waiting: number): boolean {
      count = waiting;
      try {
        overload.check(to);
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'overloaded' });
        return false;
      }
    },
    stop(ms: number) {
      nowMs += ms;
    },
  };
}

describe('overload', () => {
  it('refuses what would wait for more than half of its timeout', () => {
    const { replies, taken } = setUp();
    replies(100, 2000, 2000);
    expect([taken(480), taken(520)]).toEqual([true, false]);
  });

  it('knows of none before a reply, and without a queue however many wait', () => {
    const { replies, taken } = setUp();
    expect(taken(100_000)).toBe(true);
    // One a second comes and is answered at once: a burst may well be worked off at once too.
    replies(1, 10_000, 5);
    expect(taken(1000)).toBe(true);
  });

  it('learns nothing from replies that failed, or that do not say how long they took', () => {
    const { replies, taken } = setUp();
    replies(100, 2000, 2000, { error: 'backend_unreachable' });
    replies(100, 2000, 2000, { tookMs: null });
    expect(taken(1000)).toBe(true);
    replies(100, 2000, 2000);
    replies(100, 10, 5, { error: 'backend_unreachable' });
    expect(taken(1000)).toBe(false);
  });

  it('ends when a request has not waited', () => {
    const { replies, taken } = setUp();
    replies(100, 2000, 2000);
    expect(taken(1000)).toBe(false);
    replies(100, 10, 5);
    expect(taken(1000)).toBe(true);
  });

  it('does not take a stop for one: what waited meanwhile is worked off', () => {
    const { replies, taken, stop } = setUp();
    replies(200, 2000, 5);
    stop(3000);
    // 600 are waiting, and now go at 400 a second.
    for (let left = 600; left > 0; left -= 20) {
      replies(400, 50, 3000);
      expect(taken(left + 10)).toBe(true);
    }
  });

  it('does not take a stop in the middle of a queue for its rate', () => {
    const { replies, taken, stop } = setUp();
    replies(100, 2000, 2000);
    stop(20_000);
    replies(100, 10, 4000);
    expect([taken(480), taken(520)]).toEqual([true, false]);
    // Nor what comes after it, at the rate that there was.
    replies(100, 2000, 4000);
    expect([taken(480), taken(520)]).toEqual([true, false]);
  });

  it('takes few replies for a rate where there never were more', () => {
    const { replies, taken } = setUp();
    replies(0.2, 60_000, 2000);
    expect(taken(8)).toBe(false);
  });

  it('does not judge by how fast it went before the queue, nor in its first moments', () => {
    const { replies, taken, stop } = setUp();
    replies(1, 10_000, 5);
    stop(8000);
    // It goes slowly at first.
    replies(20, 900, 8000);
    expect(taken(600)).toBe(true);
    replies(400, 600, 8000);
    expect(taken(600)).toBe(true);
  });

  it('leaves few alone, and all where it is off', () => {
    const { replies, taken } = setUp();
    replies(1, 10_000, 6000);
    expect([taken(7), taken(8)]).toEqual([true, false]);
    const off = setUp(false);
    off.replies(100, 2000, 2000);
    expect(off.taken(100_000)).toBe(true);
  });
});
