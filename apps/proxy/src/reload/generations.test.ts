import { expect, it } from 'vitest';
import { createGenerations } from './generations.js';

it('ends at once where nothing runs', () => {
  const ended: string[] = [];
  createGenerations().next(() => ended.push('first'));
  expect(ended).toEqual(['first']);
});

it('ends when the last request is done that came before, and not for those that come later', () => {
  const ended: string[] = [];
  const generations = createGenerations();
  const [a, b] = [generations.enter(), generations.enter()];
  generations.next(() => ended.push('first'));
  const later = generations.enter();
  generations.leave(a);
  generations.leave(later);
  expect(ended).toEqual([]);
  generations.leave(b);
  expect(ended).toEqual(['first']);
});

it('ends in the order of the changes', () => {
  const ended: string[] = [];
  const generations = createGenerations();
  const old = generations.enter();
  generations.next(() => ended.push('first'));
  const newer = generations.enter();
  generations.next(() => ended.push('second'));
  generations.leave(newer);
  expect(ended).toEqual([]);
  generations.leave(old);
  expect(ended).toEqual(['first', 'second']);
});
