import { describe, expect, it } from 'vitest';
import { openLanes } from '../testing/lanes.js';

describe('Pressure', () => {
  it('presses at the bytes of its backlog too, and eases at half of both', async () => {
    const { dispatcher, work, pressure, end } = openLanes({ maxActive: 100 });
    dispatcher.submit('a', work('1', { bytes: 600 }));
    dispatcher.submit('a', work('2', { bytes: 500 }));
    expect(pressure).toEqual([['a', true]]);
    await end('2');
    expect(pressure).toHaveLength(1);
    await end('1');
    expect(pressure.at(-1)).toEqual(['a', false]);
  });

  it('presses at its backlog and eases at half of it, lane by lane, once each', async () => {
    const { dispatcher, work, pressure, end } = openLanes({ maxActive: 2 });
    for (const name of ['1', '2', '3']) dispatcher.submit('a', work(name));
    expect(pressure).toEqual([]);
    dispatcher.submit('a', work('4'));
    dispatcher.submit('a', work('5'));
    dispatcher.submit('b', work('6'));
    expect(pressure).toEqual([['a', true]]);
    expect([dispatcher.pausedBy('a'), dispatcher.pausedBy('b')]).toEqual([['pressure'], []]);
    await end('1');
    await end('2');
    expect(pressure).toHaveLength(1);
    await end('3');
    expect(pressure).toEqual([
      ['a', true],
      ['a', false],
    ]);
  });

  it('counts work that bypasses the queue for the pressure, not for the slots', async () => {
    const { dispatcher, work, pressure, started, end } = openLanes({ maxActive: 1 });
    dispatcher.bypass('a', work('1'));
    dispatcher.bypass('a', work('2'));
    expect(started).toEqual(['1', '2']);
    expect(dispatcher.active).toBe(0);
    expect(pressure).toEqual([['a', true]]);
    await end('1');
    expect(pressure.at(-1)).toEqual(['a', false]);
  });

  it('pauses lanes that hold too much together, but for those that hold little', async () => {
    const { dispatcher, work, pressure, end } = openLanes({ maxActive: 1, records: 100 });
    dispatcher.submit('a', work('a1', { bytes: 950 }));
    dispatcher.submit('b', work('b1', { bytes: 100 }));
    expect(pressure).toEqual([]);
    dispatcher.submit('b', work('b2', { bytes: 500 }));
    expect(pressure).toEqual([['b', true]]);
    // Room that another lane makes is its, too.
    await end('a1');
    await end('b1');
    expect(pressure.at(-1)).toEqual(['b', false]);
  });
});
