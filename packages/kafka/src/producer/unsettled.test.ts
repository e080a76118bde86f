import { expect, it } from 'vitest';
import { Unsettled } from './unsettled.js';

const waiting = (name: string) => ({ name, waits: true });

it('knows the oldest that waits, whatever the order in which they are settled', () => {
  const list = new Unsettled<ReturnType<typeof waiting>>();
  const [a, b, c] = [waiting('a'), waiting('b'), waiting('c')];
  for (const one of [a, b, c]) list.add(one);
  b.waits = false;
  list.settled();
  expect(list.oldest()).toBe(a);
  expect(list.all()).toEqual([a, c]);
  a.waits = false;
  list.settled();
  expect(list.oldest()).toBe(c);
  c.waits = false;
  list.settled();
  expect(list.oldest()).toBeUndefined();
  expect(list.all()).toEqual([]);
});

it('goes on behind many that are settled', () => {
  const list = new Unsettled<ReturnType<typeof waiting>>();
  const last = waiting('last');
  const many = Array.from({ length: 5000 }, (_, i) => waiting(String(i)));
  for (const one of many) list.add(one);
  list.add(last);
  for (const one of many) {
    one.waits = false;
    list.settled();
  }
  expect(list.oldest()).toBe(last);
  expect(list.all()).toEqual([last]);
});
