import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from './clock.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it.each([2, 5, 999, 1_000, 1_001, 30_000, 29_997])('runs a task after %i ms, and no sooner', (ms) => {
  const task = vi.fn();
  systemClock.after(ms, task);
  vi.advanceTimersByTime(ms - 1);
  expect(task).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(task).toHaveBeenCalledOnce();
});

it.each([0, 29_760, 29_900])('runs no task that was cancelled after %i ms', (ms) => {
  const task = vi.fn();
  const cancel = systemClock.after(29_997, task);
  vi.advanceTimersByTime(ms);
  cancel();
  vi.advanceTimersByTime(60_000);
  expect(task).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
