import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFloodGuard } from './flood-guard.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  const lines: { facts: Record<string, unknown>; sentence: string }[] = [];
  const write = (facts: object, sentence: string) =>
    void lines.push({ facts: facts as Record<string, unknown>, sentence });
  const guard = createFloodGuard({ warn: write, error: write }, Date.now);
  return { guard, lines };
}

describe('a flood of lines', () => {
  it('is a few, then one a second, and a count', () => {
    const { guard, lines } = setUp();
    for (let i = 0; i < 1000; i++) {
      guard.warn('bad_request', { i }, 'refused');
      if (i % 200 === 199) vi.advanceTimersByTime(1000);
    }
    expect(lines.length).toBeLessThan(16);
    vi.advanceTimersByTime(5000);
    const told = lines.reduce((sum, { facts }) => sum + Number(facts.omitted ?? 0), 0);
    const written = lines.filter(({ sentence }) => sentence === 'refused').length;
    expect(told + written).toBe(1000);
  });

  it('of one kind leaves the others alone', () => {
    const { guard, lines } = setUp();
    for (let i = 0; i < 100; i++) guard.warn('bad_request', {}, 'refused');
    guard.warn('timeout', { a: 1 }, 'late');
    expect(lines.at(-1)).toEqual({ facts: { a: 1 }, sentence: 'late' });
  });

  it('is told before the process ends', () => {
    const { guard, lines } = setUp();
    for (let i = 0; i < 8; i++) guard.warn('timeout', {}, 'late');
    guard.flush();
    expect(lines.at(-1)?.facts).toEqual({ kind: 'timeout', omitted: 3 });
    guard.flush();
    vi.advanceTimersByTime(5000);
    expect(lines).toHaveLength(6);
  });

  it('that comes one a second is written as it comes', () => {
    const { guard, lines } = setUp();
    for (let i = 0; i < 20; i++) {
      guard.warn('timeout', {}, 'late');
      vi.advanceTimersByTime(1000);
    }
    expect(lines).toHaveLength(20);
    expect(lines.every(({ facts }) => facts.omitted === undefined)).toBe(true);
  });

  it('that somebody has to see to is told as errors, its count too', () => {
    const warn = vi.fn();
    const error = vi.fn();
    const guard = createFloodGuard({ warn, error }, Date.now);
    for (let i = 0; i < 100; i++) guard.error('unburied', { i }, 'waits');
    guard.flush();
    expect(warn).not.toHaveBeenCalled();
    expect(error).toHaveBeenLastCalledWith({ kind: 'unburied', omitted: 95 }, expect.any(String));
  });
});
