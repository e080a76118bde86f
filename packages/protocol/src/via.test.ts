import { describe, expect, it } from 'vitest';
import { createViaMarks, isViaName, type ViaMarks } from './via.js';

const marks = (name?: string, tier: 'kafka-proxy' | 'kafka-processor' = 'kafka-proxy') =>
  createViaMarks(tier, name) as ViaMarks;

describe('Via', () => {
  it('of a process is known by it alone, in whatever company and case', () => {
    const here = marks();
    const mark = here.of('orders', '1.1');
    for (const headers of [
      ['Via', mark],
      ['via', `1.0 fred, ${mark}`],
      ['Via', '1.1 a (comment)', 'VIA', `HTTP/2 b,${mark} (later)`],
    ]) {
      expect(here.passedBefore(headers, 'orders')).toBe(true);
      expect(marks().passedBefore(headers, 'orders')).toBe(false);
    }
    expect(here.passedBefore(['Via', '1.1 fred', 'Viaduct', mark, 'X', mark], 'orders')).toBe(false);
    expect(here.passedBefore(['Via', `${mark}0`], 'orders')).toBe(false);
    expect(here.passedBefore(['Via', ''], 'orders')).toBe(false);
  });

  it('is another for another topic: a request may pass twice on a way that ends', () => {
    const here = marks();
    expect(here.passedBefore(['Via', here.of('orders', '1.1')], 'users')).toBe(false);
  });

  it('is told apart for any number of topics, as clients may name them', () => {
    const here = marks();
    const topics = Array.from({ length: 250 }, (_, i) => `topic-${i}`);
    const made = topics.map((topic) => here.of(topic, '1.1'));
    expect(new Set(made).size).toBe(topics.length);
    for (const [i, topic] of topics.entries()) expect(here.passedBefore(['Via', made[i] as string], topic)).toBe(true);
  });

  it('of a name is known by all that share it, but not by the other tier', () => {
    const headers = ['Via', marks('edge').of('orders', '1.1')];
    expect(marks('edge').passedBefore(headers, 'orders')).toBe(true);
    expect(marks('edge', 'kafka-processor').passedBefore(headers, 'orders')).toBe(false);
    expect(marks('other').passedBefore(headers, 'orders')).toBe(false);
  });

  it('can be off', () => {
    expect(createViaMarks('kafka-proxy', 'off')).toBeNull();
  });

  it('takes a token of 64 characters at most for a name', () => {
    expect(['edge', 'a.b_c-1', '', 'a b', 'a,b', 'a(b)', 'x'.repeat(65)].filter(isViaName)).toEqual([
      'edge',
      'a.b_c-1',
    ]);
  });
});
