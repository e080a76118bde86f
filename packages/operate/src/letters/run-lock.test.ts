import { expect, it } from 'vitest';
import { holderOf, nextLock, type RunLock, readRunLock } from './run-lock.js';

const lock = (gen: number, run: string, state: RunLock['state'] = 'held'): RunLock => ({
  v: 1,
  gen,
  state,
  run,
  by: `alice@${run}`,
  since: 1000,
});
const after = (...read: RunLock[]) => read.reduce<RunLock | null>(nextLock, null);

it('belongs to the first of two that take it at the same time', () => {
  expect(holderOf(after(lock(1, 'a'), lock(1, 'b')))?.run).toBe('a');
  expect(holderOf(after(lock(1, 'a'), lock(1, 'b'), lock(1, 'a')))?.run).toBe('a');
});

it('is let go by its holder alone', () => {
  expect(holderOf(after(lock(1, 'a'), lock(1, 'b', 'free')))?.run).toBe('a');
  expect(holderOf(after(lock(1, 'a'), lock(1, 'a', 'free')))).toBeNull();
});

it('belongs to the last generation, whatever one that lost it still writes', () => {
  expect(holderOf(after(lock(1, 'a'), lock(2, 'b'), lock(1, 'a')))?.run).toBe('b');
  expect(holderOf(after(lock(1, 'a'), lock(2, 'b'), lock(1, 'a', 'free')))?.run).toBe('b');
});

it('belongs to nobody at first', () => {
  expect(holderOf(after())).toBeNull();
});

it('reads what it writes, and nothing else', () => {
  const held = lock(3, 'a');
  expect(readRunLock(Buffer.from(JSON.stringify(held)))).toEqual(held);
  for (const text of ['', '{}', 'null', JSON.stringify({ ...held, gen: 0 }), JSON.stringify({ ...held, run: '' })])
    expect(readRunLock(Buffer.from(text))).toBeNull();
  expect(readRunLock(null)).toBeNull();
  expect(readRunLock(Buffer.alloc(5000))).toBeNull();
});
