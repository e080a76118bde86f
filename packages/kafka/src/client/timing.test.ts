import { expect, it } from 'vitest';
import { createPatience, endsWithin, holdsWithin } from './timing.js';

it('tells an end from none, and takes a failure for an end', async () => {
  expect(await endsWithin(Promise.resolve(), 1000)).toBe(true);
  expect(await endsWithin(Promise.reject(new Error('x')), 1000)).toBe(true);
  expect(await endsWithin(new Promise(() => undefined), 1)).toBe(false);
});

it('asks until a condition holds or the time is over', async () => {
  let asked = 0;
  expect(await holdsWithin(() => ++asked === 3, 1000)).toBe(true);
  expect(await holdsWithin(() => false, 1)).toBe(false);
});

it('waits longer each time that something is done again soon, and forgets that after a while', () => {
  let nowMs = 0;
  const patience = createPatience(10, 40, () => nowMs);
  const doneAt: number[] = [];
  for (; nowMs <= 150; nowMs++) if (patience.isOver()) doneAt.push(nowMs);
  expect(doneAt).toEqual([0, 10, 30, 70, 110, 150]);
  nowMs = 1000;
  expect(patience.isOver()).toBe(true);
  nowMs = 1010;
  expect(patience.isOver()).toBe(true);
});
