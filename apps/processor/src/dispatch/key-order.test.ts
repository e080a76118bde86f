import { describe, expect, it } from 'vitest';
import { KeyOrder } from './key-order.js';

describe('KeyOrder', () => {
  it('lets the first of a key run and the others follow in order', () => {
    const keys = new KeyOrder<string>();
    expect([keys.enter('k', 'a'), keys.enter('k', 'b'), keys.enter('k', 'c')]).toEqual([true, false, false]);
    expect([keys.leave('k'), keys.leave('k'), keys.leave('k')]).toEqual(['b', 'c', undefined]);
  });

  it('lets other keys run meanwhile', () => {
    const keys = new KeyOrder<string>();
    keys.enter('k', 'a');
    expect(keys.enter('other', 'b')).toBe(true);
  });

  it('keeps nothing of a key that nobody holds', () => {
    const keys = new KeyOrder<string>();
    keys.enter('k', 'a');
    keys.leave('k');
    expect(keys.size).toBe(0);
    expect(keys.enter('k', 'b')).toBe(true);
  });

  it('takes out those who wait, and leaves the holder', () => {
    const keys = new KeyOrder<string>();
    for (const item of ['a', 'b', 'c', 'd']) keys.enter('k', item);
    expect(keys.remove((item) => item === 'b' || item === 'd')).toEqual(['b', 'd']);
    expect([keys.leave('k'), keys.leave('k')]).toEqual(['c', undefined]);
  });
});
