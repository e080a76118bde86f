import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Execution } from './attempts.js';
import { createBreaker } from './breaker.js';

const config = { threshold: 0.5, window: 10, min_rps: 0.5, half_open_after: 5 };
const verdictOf = (healthy: boolean): Execution => ({
  verdict: { kind: 'failed', code: 'backend_unreachable', detail: '', cause: null, healthy },
  attempts: 1,
  backendMs: 0,
});
const fail = () => Promise.resolve(verdictOf(false));
const pass = () => Promise.resolve(verdictOf(true));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function opened(onChange = vi.fn()) {
  const breaker = createBreaker(config, onChange);
  for (let i = 0; i < 6; i++) await breaker.run(fail);
  return { breaker, onChange };
}

describe('createBreaker', () => {
  it('opens when more than the threshold fails, and then runs nothing', async () => {
    const { breaker, onChange } = await opened();
    expect(breaker.state()).toBe('open');
    expect(onChange.mock.calls).toEqual([['open']]);
    const execution = vi.fn(pass);
    expect(await breaker.run(execution)).toBeNull();
    expect(execution).not.toHaveBeenCalled();
  });

  it('lets one try after a while and holds the others off, not up; its success closes', async () => {
    const { breaker } = await opened();
    vi.advanceTimersByTime(5_000);
    let succeed = (_: Execution) => {};
    const trial = breaker.run(() => new Promise((resolve) => (succeed = resolve)));
    await Promise.resolve();
    expect(breaker.state()).toBe('half_open');
    expect(await breaker.run(pass)).toBeNull();
    succeed(verdictOf(true));
    expect(await trial).toEqual(verdictOf(true));
    expect(breaker.state()).toBe('closed');
  });

  it('opens again when the trial fails', async () => {
    const { breaker } = await opened();
    vi.advanceTimersByTime(5_000);
    await breaker.run(fail);
    expect(breaker.state()).toBe('open');
  });

  it('stays closed below the request rate, and for answers and abandoned work', async () => {
    const quiet = createBreaker({ ...config, min_rps: 5 }, vi.fn());
    for (let i = 0; i < 20; i++) await quiet.run(fail);
    expect(quiet.state()).toBe('closed');
    const fine = createBreaker(config, vi.fn());
    const abandoned: Execution = { verdict: { kind: 'abandoned' }, attempts: 1, backendMs: 0 };
    for (let i = 0; i < 20; i++) await fine.run(() => Promise.resolve(i % 2 ? verdictOf(true) : abandoned));
    expect(fine.state()).toBe('closed');
  });

  it('takes a rate of 0 at its word', async () => {
    const breaker = createBreaker({ ...config, min_rps: 0 }, vi.fn());
    await breaker.run(fail);
    expect(breaker.state()).toBe('open');
  });

  it('never opens when it is switched off', async () => {
    const breaker = createBreaker(false, vi.fn());
    for (let i = 0; i < 20; i++) await breaker.run(fail);
    expect(breaker.state()).toBe('closed');
  });
});
