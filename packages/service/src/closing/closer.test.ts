import { describe, expect, it, vi } from 'vitest';
import { createCloser } from './closer.js';

const setup = () => {
  const error = vi.fn();
  return { error, closer: createCloser({ error }) };
};

describe('createCloser', () => {
  it('closes in the reverse order, one after the other', async () => {
    const { closer } = setup();
    const order: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      closer.add(name, async () => {
        order.push(`${name} begins`);
        await Promise.resolve();
        order.push(`${name} ends`);
      });
    }
    expect(await closer.close(1000)).toBe(true);
    expect(order).toEqual(['c begins', 'c ends', 'b begins', 'b ends', 'a begins', 'a ends']);
  });

  it('logs a failure once and goes on', async () => {
    const { closer, error } = setup();
    const last = vi.fn();
    closer.add('last', last);
    closer.add('broken', () => {
      throw new Error('boom');
    });
    expect(await closer.close(1000)).toBe(false);
    expect(last).toHaveBeenCalledOnce();
    expect(error.mock.calls).toEqual([[{ step: 'broken' }, 'could not close broken: boom']]);
  });

  it('gives up a step at the deadline, and lets the others begin all the same', async () => {
    const { closer, error } = setup();
    const graces: number[] = [];
    closer.add('last', (graceMs) => {
      graces.push(graceMs);
    });
    closer.add('stuck', (graceMs) => {
      graces.push(graceMs);
      return new Promise(() => {});
    });
    expect(await closer.close(500)).toBe(false);
    expect(graces[0]).toBeGreaterThan(250);
    expect(graces[1]).toBeLessThan(5);
    expect(error).toHaveBeenCalledWith({ step: 'stuck' }, expect.stringContaining('within the grace period'));
    expect(error).toHaveBeenCalledOnce();
  });

  it('closes once, however often it is asked', async () => {
    const { closer } = setup();
    const step = vi.fn();
    closer.add('step', step);
    closer.add('broken', () => Promise.reject(new Error('boom')));
    const both = await Promise.all([closer.close(1000), closer.close(1)]);
    expect(both).toEqual([false, false]);
    expect(step).toHaveBeenCalledOnce();
  });
});
