import { describe, expect, it } from 'vitest';
import { gatedLanes, TestOwner } from '../testing/lanes.js';

describe('a lane whose gate is open', () => {
  it('is paused at once, for as long as it has to be, while the other lane goes on', async () => {
    const { dispatcher, gate, clock, submit, end, pauses, started } = gatedLanes();
    submit('first');
    submit('beside it');
    await end('first', 'unwell');
    expect(pauses).toEqual([['a', true]]);
    expect(dispatcher.pausedBy('a')).toEqual(['unhealthy']);
    submit('1');
    submit('2');
    submit('other', { lane: 'b' });
    expect(started).toEqual(['first', 'beside it', 'other']);
    await end('beside it', 'unwell');
    await clock.advance(4_999);
    expect(started).toHaveLength(3);
    await clock.advance(1);
    expect(started.slice(3)).toEqual(['1']);
    expect(gate.state()).toBe('half_open');
    await end('1', 'well');
    expect(started.slice(3)).toEqual(['1', '2']);
    expect(pauses).toEqual([
      ['a', true],
      ['a', false],
    ]);
    expect(dispatcher.pausedBy('a')).toEqual([]);
    await end('2', 'well');
    await end('other', 'well');
    expect([dispatcher.active, dispatcher.open(), clock.waiting]).toEqual([0, 0, 0]);
  });

  it('starts all that waited in their order', async () => {
    const { clock, submit, end, started, open } = gatedLanes();
    await open();
    for (let i = 0; i < 6; i++) submit(String(i));
    await clock.advance(5_000);
    await end(started[0] as string, 'well');
    expect(started).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('ends what expires at its time, wherever it stands, without a slot', async () => {
    const { clock, dispatcher, submit, started, end, open } = gatedLanes({ maxActive: 1 });
    await open();
    submit('takes the slot', { lane: 'b' });
    submit('k1', { key: 'k' });
    submit('behind k1', { key: 'k', inMs: 1_000 });
    submit('l1', { key: 'l', inMs: 2_000 });
    submit('behind l1', { key: 'l', inMs: 3_000 });
    const startedAfter = async (ms: number) => {
      await clock.advance(ms);
      return started.splice(0);
    };
    expect(await startedAfter(999)).toEqual(['takes the slot']);
    expect(await startedAfter(1)).toEqual(['behind k1']);
    expect(await startedAfter(999)).toEqual([]);
    expect(await startedAfter(1)).toEqual(['l1']);
    // It has its key until its failure is published.
    await end('l1', 'well');
    expect(await startedAfter(1_000)).toEqual(['behind l1']);
    expect(dispatcher.active).toBe(1);
    // The trial waits for its slot.
    expect(await startedAfter(10_000)).toEqual([]);
    await end('takes the slot', 'well');
    expect(started).toEqual(['k1']);
  });

  it('is read again when there is nothing to try with, until there is', async () => {
    const { clock, submit, end, started, pauses, dispatcher, open } = gatedLanes();
    await open();
    submit('expires', { inMs: 1_000 });
    await clock.advance(1_000);
    await end('expires', 'well');
    expect(started.splice(0)).toEqual(['expires']);
    expect(pauses).toEqual([]);
    await clock.advance(4_000);
    expect(pauses.splice(0)).toEqual([['a', false]]);
    submit('1');
    submit('2');
    expect(started).toEqual(['1']);
    expect(pauses.splice(0)).toEqual([['a', true]]);
    await end('1', 'unwell');
    expect([started, pauses, dispatcher.pausedBy('a')]).toEqual([['1'], [], ['unhealthy']]);
  });

  it('is read again in time though a partition went meanwhile', async () => {
    const { clock, dispatcher, owner, pauses, submit, open } = gatedLanes();
    await open();
    submit('1');
    expect([dispatcher.drop(owner), dispatcher.drop(owner)]).toEqual([1, 0]);
    expect(dispatcher.drop(new TestOwner())).toBe(0);
    await clock.advance(5_000);
    expect(pauses).toEqual([['a', false]]);
  });

  it('forgets what waits when its partition goes, the trial too', async () => {
    const { clock, dispatcher, owner, submit, end, started, open } = gatedLanes();
    await open();
    submit('1');
    submit('2');
    await clock.advance(5_000);
    owner.revoked = true;
    expect(dispatcher.drop(owner)).toBe(1);
    await end('1', 'unwell', 'again');
    await clock.advance(60_000);
    expect(started).toEqual(['1']);
    expect([dispatcher.open(), dispatcher.active, owner.running]).toEqual([0, 0, 0]);
  });

  it('is resumed when neither pressure nor the gate pauses it', async () => {
    const { clock, dispatcher, submit, end, pauses, open } = gatedLanes({ records: 4 });
    await open();
    for (let i = 0; i < 5; i++) submit(String(i));
    expect(dispatcher.pausedBy('a')).toEqual(['unhealthy', 'pressure']);
    await clock.advance(5_000);
    await end('0', 'well');
    expect([dispatcher.pausedBy('a'), pauses]).toEqual([['pressure'], []]);
    await end('1', 'well');
    await end('2', 'well');
    expect([dispatcher.pausedBy('a'), pauses]).toEqual([[], [['a', false]]]);
  });

  it('has no timer after it was closed', async () => {
    const { clock, dispatcher, submit, open } = gatedLanes();
    await open();
    submit('1');
    expect(clock.waiting).toBe(1);
    dispatcher.close();
    submit('2');
    expect(clock.waiting).toBe(0);
  });
});
