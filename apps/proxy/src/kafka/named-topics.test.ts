import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { createNamedTopics, QUIET_MS } from './named-topics.js';

function setUp(most: number) {
  const clock = new FakeClock();
  const released: string[] = [];
  return { clock, released, named: createNamedTopics({ most, release: (topic) => released.push(topic), clock }) };
}

describe('topics that requests name', () => {
  it('give way to others when they were used least recently', () => {
    const { named, released } = setUp(2);
    named.opened('a');
    named.opened('b');
    named.lease('a')();
    expect(named.opened('c')).toBe(true);
    expect(released).toEqual(['b']);
    named.wrote('d');
    expect(released).toEqual(['b', 'a']);
    expect(named.size).toBe(2);
  });

  it('do not give way while somebody waits for their replies', () => {
    const { named, released } = setUp(1);
    named.opened('a');
    const leave = named.lease('a');
    expect(named.opened('b')).toBe(false);
    expect(released).toEqual([]);
    leave();
    expect(named.opened('b')).toBe(true);
    expect(released).toEqual(['a']);
  });

  it('are released after a quiet time, when nobody waits', async () => {
    const { named, released, clock } = setUp(10);
    named.opened('a');
    const leave = named.lease('a');
    await clock.advance(10 * QUIET_MS);
    expect(released).toEqual([]);
    leave();
    await clock.advance(QUIET_MS / 2);
    expect(released).toEqual([]);
    await clock.advance(QUIET_MS);
    expect(released).toEqual(['a']);
    expect(clock.waiting).toBe(0);
  });
});
