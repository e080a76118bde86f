import { describe, expect, it } from 'vitest';
import { gatedLanes, openLanes } from '../testing/lanes.js';

const free = (name: string) => ({ name, rateLimit: null, gate: null });
const limits = { maxActive: 2, share: 1, backlog: { records: 100, bytes: 1000, totalBytes: 1500 } };

describe('lanes that change while works run', () => {
  it('take works of a lane that came', () => {
    const { dispatcher, work, started } = openLanes();
    dispatcher.change({ ...limits, lanes: ['a', 'b', 'c'].map(free) });
    dispatcher.submit('c', work('c1'));
    expect(started).toEqual(['c1']);
  });

  it('let a lane that left end what it has, and count it until then', async () => {
    const { dispatcher, work, started, end } = openLanes({ maxActive: 1 });
    dispatcher.submit('b', work('b1'));
    dispatcher.submit('b', work('b2'));
    dispatcher.change({ ...limits, maxActive: 1, lanes: [free('a')] });
    expect(dispatcher.open('b')).toBe(2);
    await end('b1');
    expect(started).toEqual(['b1', 'b2']);
    await end('b2');
    expect([dispatcher.open('b'), dispatcher.open(), dispatcher.active]).toEqual([0, 0, 0]);
    expect(() => dispatcher.submit('b', work('b3'))).toThrow('no lane b');
    dispatcher.submit('a', work('a1'));
    expect(started.at(-1)).toBe('a1');
  });

  it('keep a lane that left and came back before it was empty', async () => {
    const { dispatcher, work, started, end } = openLanes({ maxActive: 1 });
    dispatcher.submit('b', work('b1'));
    dispatcher.change({ ...limits, maxActive: 1, lanes: [free('a')] });
    dispatcher.change({ ...limits, maxActive: 1, lanes: ['a', 'b'].map(free) });
    await end('b1');
    dispatcher.submit('b', work('b2'));
    expect(started).toEqual(['b1', 'b2']);
  });

  it('forget a lane whose works were dropped', () => {
    const { dispatcher, owner, work } = openLanes({ rates: { b: 1 } });
    dispatcher.submit('b', work('b1', { owner: { revoked: false, enter() {}, leave() {} } }));
    dispatcher.submit('b', work('b2'));
    dispatcher.change({ ...limits, lanes: [free('a')] });
    dispatcher.drop(owner);
    expect(dispatcher.open('b')).toBe(1);
  });

  it('start what waited at once when there are more slots, and nothing more when there are fewer', async () => {
    const { dispatcher, work, started, end } = openLanes({ maxActive: 1 });
    for (const name of ['1', '2', '3', '4']) dispatcher.submit('a', work(name));
    dispatcher.change({ ...limits, maxActive: 3, lanes: [free('a')] });
    expect(started).toEqual(['1', '2', '3']);
    dispatcher.change({ ...limits, maxActive: 1, lanes: [free('a')] });
    await end('1');
    await end('2');
    expect(started).toHaveLength(3);
    await end('3');
    expect(started.at(-1)).toBe('4');
  });

  it('start what waited for a token at once when there is no limit any more, and leave no timer', () => {
    const { dispatcher, clock, work, started } = openLanes({ rates: { a: 0.001 } });
    dispatcher.submit('a', work('a1'));
    dispatcher.submit('a', work('a2'));
    expect([started.length, clock.waiting]).toEqual([1, 1]);
    dispatcher.change({ ...limits, lanes: ['a', 'b'].map(free) });
    expect([started.length, clock.waiting]).toEqual([2, 0]);
  });

  it('let through what waited for a gate when there is none any more, and read the lane again', async () => {
    const { dispatcher, submit, started, pauses, gate, open } = gatedLanes();
    await open();
    submit('1', { inMs: 120_000 });
    submit('2', { inMs: 120_000 });
    expect(started).toEqual([]);
    expect(dispatcher.pausedBy('a')).toEqual(['unhealthy']);
    dispatcher.change({ ...limits, maxActive: 10, lanes: ['a', 'b'].map(free) });
    expect(started).toEqual(['1', '2']);
    expect(pauses.at(-1)).toEqual(['a', false]);
    expect(gate.listening).toBe(0);
  });
});
