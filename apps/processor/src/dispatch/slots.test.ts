import { describe, expect, it } from 'vitest';
import { openLanes } from '../testing/lanes.js';

describe('several lanes', () => {
  const names = (lane: string, count: number) => Array.from({ length: count }, (_, i) => `${lane}${i}`);
  const ofLane = (started: readonly string[], lane: string) => started.filter((name) => name.startsWith(lane)).length;

  it('leave each other a part: who came first has three quarters of the slots, and the next is not kept waiting', () => {
    const { dispatcher, work, started } = openLanes({ maxActive: 100, records: 10_000 });
    for (const name of names('a', 110)) dispatcher.submit('a', work(name));
    expect(started).toHaveLength(75);
    for (const name of names('b', 110)) dispatcher.submit('b', work(name));
    expect(ofLane(started, 'b')).toBe(25);
    expect(dispatcher.active).toBe(100);
  });

  it('get back what was lent as works end', async () => {
    const { dispatcher, work, started, end } = openLanes({ maxActive: 100, records: 10_000 });
    for (const name of names('a', 200)) dispatcher.submit('a', work(name));
    for (const name of names('b', 200)) dispatcher.submit('b', work(name));
    for (const name of names('a', 60)) await end(name);
    expect(ofLane(started, 'b')).toBeGreaterThan(50);
    expect(dispatcher.active).toBe(100);
  });
});
