import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFloodGuard } from './flood-guard.js';

function guard() {
  const warn = vi.fn();
  return { warn, flood: createFloodGuard({ warn }) };
}

describe('a flood of lines', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is its first line at once, and then the last of each second with how many were left out', () => {
    const { warn, flood } = guard();
    for (let i = 0; i < 1000; i++) flood.warn('refused', { i }, 'no');
    expect(warn.mock.calls).toEqual([[{ i: 0 }, 'no']]);
    vi.advanceTimersByTime(999);
    expect(warn).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(warn.mock.calls[1]).toEqual([{ i: 999, leftOut: 998 }, 'no']);
    for (let i = 0; i < 10; i++) flood.warn('refused', { i }, 'again');
    expect(warn).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(1000);
    expect(warn.mock.calls[2]).toEqual([{ i: 9, leftOut: 9 }, 'again']);
  });

  it('is over after a quiet second: the next line is written at once, and no timer is left', () => {
    const { warn, flood } = guard();
    flood.warn('refused', { i: 0 }, 'no');
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
    flood.warn('refused', { i: 1 }, 'no');
    expect(warn.mock.calls).toEqual([
      [{ i: 0 }, 'no'],
      [{ i: 1 }, 'no'],
    ]);
  });

  it('of one kind does not hide the lines of another', () => {
    const { warn, flood } = guard();
    for (let i = 0; i < 10; i++) flood.warn('refused', { i }, 'no');
    flood.warn('broken', {}, 'away');
    expect(warn.mock.calls).toEqual([
      [{ i: 0 }, 'no'],
      [{}, 'away'],
    ]);
  });

  it('is told to its end when the service stops', () => {
    const { warn, flood } = guard();
    for (let i = 0; i < 3; i++) flood.warn('refused', { i }, 'no');
    flood.flush();
    expect(warn.mock.calls[1]).toEqual([{ i: 2, leftOut: 1 }, 'no']);
    flood.flush();
    vi.advanceTimersByTime(5000);
    expect(warn).toHaveBeenCalledTimes(2);
  });
});
