import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Breaker, createBreaker, type Pass } from './breaker.js';
import type { Verdict } from './verdict.js';

const config = { threshold: 0.5, window: 10, min_rps: 0.5, half_open_after: 5 };
const failed = (healthy: boolean, code: 'backend_unreachable' | 'backend_timeout' | 'processing_failed') =>
  ({ kind: 'failed', code, detail: '', cause: null, healthy }) satisfies Verdict;
const broken = failed(false, 'backend_unreachable');
const answer = (status: number, healthy = true): Verdict => ({
  kind: 'answer',
  answer: { kind: 'answer', head: { status, reason: null, headers: [] }, body: null, trailers: null },
  healthy,
});
const fine = answer(200);

// cockatiel's window reads the time by itself.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setup(change: Partial<typeof config> | false = {}) {
  const clock = new FakeClock();
  const breaker = createBreaker(change && { ...config, ...change }, clock);
  const onChange = vi.fn();
  breaker.onChange(onChange);
  return { clock, breaker, onChange };
}

/** What a request does that gets through. */
function run(breaker: Breaker, verdict: Verdict | null): boolean {
  const pass = breaker.enter();
  pass?.end(verdict);
  return pass !== null;
}

function opened() {
  const all = setup();
  for (let i = 0; i < 6; i++) run(all.breaker, broken);
  return all;
}

describe('createBreaker', () => {
  it('opens when more than the threshold fails, and then lets nothing through', () => {
    const { breaker, onChange } = opened();
    expect(breaker.state()).toBe('open');
    expect(onChange.mock.calls).toEqual([['open']]);
    expect(breaker.enter()).toBeNull();
    expect(breaker.waitMs()).toBe(5_000);
  });

  it('lets one try after a while and holds the others off, not up; its success closes', async () => {
    const { breaker, clock, onChange } = opened();
    await clock.advance(4_999);
    expect([breaker.waitMs(), breaker.enter()]).toEqual([1, null]);
    await clock.advance(1);
    expect(breaker.waitMs()).toBe(0);
    const trial = breaker.enter() as Pass;
    expect([breaker.state(), trial.trial, breaker.waitMs()]).toEqual(['half_open', true, Number.POSITIVE_INFINITY]);
    expect(breaker.enter()).toBeNull();
    trial.end(fine);
    expect([breaker.state(), breaker.waitMs()]).toEqual(['closed', 0]);
    expect(onChange.mock.calls).toEqual([['open'], ['half_open'], ['closed']]);
  });

  it('opens again, for as long, when the trial fails', async () => {
    const { breaker, clock } = opened();
    await clock.advance(6_000);
    run(breaker, broken);
    expect([breaker.state(), breaker.waitMs()]).toEqual(['open', 5_000]);
  });

  it.each<[string, Verdict, string]>([
    ['an answer that is to be repeated', answer(503, false), 'open'],
    ['a timeout of a client in a hurry', failed(true, 'backend_timeout'), 'open'],
    ['a failure after which the request waits on', { kind: 'held' }, 'open'],
    ['a client that goes away', { kind: 'cancelled' }, 'half_open'],
    ['a partition that goes', { kind: 'abandoned' }, 'half_open'],
    ['a request that could not be sent', failed(true, 'processing_failed'), 'half_open'],
  ])('is not closed by a trial that shows nothing good: %s', async (_, verdict, state) => {
    const { breaker, clock } = opened();
    await clock.advance(5_000);
    run(breaker, verdict);
    expect(breaker.state()).toBe(state);
    // The next one decides, now or in its time.
    await clock.advance(state === 'open' ? 5_000 : 0);
    run(breaker, fine);
    expect(breaker.state()).toBe('closed');
  });

  it('takes a trial that never got to the backend for none', async () => {
    const { breaker, clock } = opened();
    await clock.advance(5_000);
    run(breaker, null);
    expect([breaker.state(), breaker.waitMs()]).toEqual(['half_open', 0]);
    expect(breaker.enter()?.trial).toBe(true);
  });

  it('does not listen to what began before it closed', async () => {
    const { breaker, clock } = setup();
    const early = Array.from({ length: 20 }, () => breaker.enter() as Pass);
    for (const pass of early.slice(0, 6)) pass.end(broken);
    await clock.advance(5_000);
    const trial = breaker.enter() as Pass;
    for (const pass of early.slice(6, 12)) pass.end(broken);
    expect(breaker.state()).toBe('half_open');
    trial.end(fine);
    for (const pass of early.slice(12)) pass.end(broken);
    expect(breaker.state()).toBe('closed');
  });

  it('counts each request once', () => {
    const { breaker } = setup();
    const pass = breaker.enter() as Pass;
    for (let i = 0; i < 20; i++) pass.end(broken);
    expect(breaker.state()).toBe('closed');
  });

  it('does not stay open because the clock was set back', () => {
    let nowMs = 1_000_000;
    const breaker = createBreaker({ ...config, min_rps: 0 }, { now: () => nowMs });
    run(breaker, broken);
    nowMs -= 500_000;
    expect(breaker.waitMs()).toBe(5_000);
    nowMs += 5_000;
    expect(breaker.waitMs()).toBe(0);
  });

  it('stays closed below the request rate, and for answers and abandoned work', () => {
    const { breaker: quiet } = setup({ min_rps: 5 });
    for (let i = 0; i < 20; i++) run(quiet, broken);
    expect(quiet.state()).toBe('closed');
    const { breaker } = setup();
    for (let i = 0; i < 20; i++) run(breaker, i % 2 ? failed(true, 'backend_timeout') : { kind: 'abandoned' });
    expect(breaker.state()).toBe('closed');
  });

  it('takes a rate of 0 at its word', () => {
    const { breaker } = setup({ min_rps: 0 });
    run(breaker, broken);
    expect(breaker.state()).toBe('open');
  });

  it('never opens when it is switched off', () => {
    const { breaker } = setup(false);
    for (let i = 0; i < 20; i++) expect(run(breaker, broken)).toBe(true);
    expect([breaker.state(), breaker.waitMs()]).toEqual(['closed', 0]);
  });
});
