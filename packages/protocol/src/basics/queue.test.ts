import { expect, it } from 'vitest';
import { Queue } from './queue.js';

it('gives back what it was given, in order, past the point where it is cut', () => {
  const queue = new Queue<number>();
  const taken: (number | undefined)[] = [];
  for (let i = 0; i < 3000; i++) {
    queue.push(i);
    if (i >= 10) taken.push(queue.shift());
  }
  expect(queue.length).toBe(10);
  while (queue.length > 0) taken.push(queue.shift());
  expect(taken).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  expect([queue.head(), queue.shift(), queue.length]).toEqual([undefined, undefined, 0]);
});

it('takes an item before all others, whether one was taken or not', () => {
  const queue = new Queue<string>();
  queue.pushFront('b');
  queue.push('c');
  queue.pushFront('a');
  expect(queue.all()).toEqual(['a', 'b', 'c']);
  queue.shift();
  queue.pushFront('z');
  expect([queue.head(), queue.all()]).toEqual(['z', ['z', 'b', 'c']]);
  queue.replace(['y']);
  expect(queue.all()).toEqual(['y']);
});
