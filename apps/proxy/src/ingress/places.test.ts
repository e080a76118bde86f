import { describe, expect, it } from 'vitest';
import { createPlaces } from './places.js';

function setUp(most: number, share = 0.5) {
  const places = createPlaces({ most, share });
  const lost: string[] = [];
  const take = (topic: string, count = 1) => {
    let got = 0;
    for (let i = 0; i < count; i++) if (places.take(topic, () => lost.push(topic) > 0) !== null) got++;
    return got;
  };
  return { places, lost, take };
}

describe('the places that topics share', () => {
  it('are all lent to one while no other needs them', () => {
    const { take, places } = setUp(10);
    expect(take('a', 12)).toBe(10);
    expect(places.taken).toBe(10);
  });

  it('are given back when another topic needs them, as many as make both equal', () => {
    const { take, places, lost } = setUp(10);
    take('a', 10);
    expect(take('b', 10)).toBe(5);
    expect(lost).toEqual(['a', 'a', 'a', 'a', 'a']);
    expect(places.taken).toBe(10);
  });

  it('cannot be held by two together against a third', () => {
    const { take, lost } = setUp(10);
    take('a', 5);
    take('b', 5);
    expect(take('c', 5)).toBeGreaterThanOrEqual(3);
    expect(new Set(lost)).toEqual(new Set(['a', 'b']));
  });

  it('are not taken from others beyond the share of a topic', () => {
    const { take } = setUp(10, 0.2);
    take('a', 10);
    expect(take('b', 10)).toBe(2);
  });

  it('go from the newest, which has waited least', () => {
    const places = createPlaces({ most: 3, share: 0.5 });
    const lost: number[] = [];
    for (let i = 0; i < 3; i++) places.take('a', () => lost.push(i) > 0);
    places.take('b', () => true);
    expect(lost).toEqual([2]);
  });

  it('stay with those that can not give them up', () => {
    const places = createPlaces({ most: 2, share: 0.5 });
    const asked: number[] = [];
    places.take('a', () => asked.push(0) < 0);
    places.take('a', () => asked.push(1) < 0);
    expect(places.take('b', () => true)).toBeNull();
    expect(asked).toEqual([1, 0]);
    expect(places.taken).toBe(2);
  });

  it('are free again when they are left, in any order, once each', () => {
    const { places, take } = setUp(4);
    const held = ['a', 'b', 'a', 'c'].map((topic) => places.take(topic, () => true));
    expect(take('d')).toBe(1);
    for (const place of [held[2], held[0]]) if (place) places.leave(place);
    expect(places.taken).toBeLessThanOrEqual(2);
    expect(take('b', 2)).toBe(2);
  });
});
