import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { gatedLanes } from '../testing/lanes.js';

describe('the trial of a lane whose gate is open', () => {
  it('stays as it is when the trial fails, and tries again in time', async () => {
    const { clock, submit, end, started, pauses, open } = gatedLanes();
    await open();
    submit('1');
    submit('2');
    for (let round = 1; round <= 3; round++) {
      await clock.advance(5_000);
      await end('1', 'unwell', 'again');
      expect(started).toEqual(Array(round).fill('1'));
    }
    await clock.advance(5_000);
    await end('1', 'well');
    expect(started).toEqual(['1', '1', '1', '1', '2']);
    expect(pauses).toEqual([['a', false]]);
  });

  it('has a work that waits again hold its key, and counts it as before', async () => {
    const { clock, dispatcher, submit, end, started, open } = gatedLanes();
    await open();
    submit('k1', { key: 'k' });
    submit('k2', { key: 'k' });
    submit('l1', { key: 'l', inMs: 30_000 });
    await clock.advance(5_000);
    await end('k1', 'unwell', 'again');
    expect([dispatcher.open('a'), dispatcher.active]).toEqual([3, 0]);
    await clock.advance(5_000);
    await end('k1', 'well');
    expect(started).toEqual(['k1', 'k1', 'l1', 'k2']);
  });

  it('tries with what may be done again, and has the most time left', async () => {
    const { clock, submit, started, open } = gatedLanes();
    await open();
    submit('not repeatable', { repeatable: false, inMs: 90_000 });
    submit('soon over', { inMs: 10_000 });
    submit('the one', { inMs: 20_000 });
    submit('as good', { inMs: 20_000 });
    await clock.advance(5_000);
    expect(started).toEqual(['the one']);
  });

  it('tries with another at once when nothing was learnt of the first', async () => {
    const { clock, submit, end, started, open } = gatedLanes();
    await open();
    submit('1');
    submit('2');
    submit('3');
    await clock.advance(5_000);
    await end('1', null);
    expect(started).toEqual(['1', '2']);
    await end('2', null);
    await end('3', 'well');
    expect(started).toEqual(['1', '2', '3']);
  });

  it('tries with another when the first did not get to the backend', async () => {
    const { clock, submit, running, started, open } = gatedLanes();
    await open();
    submit('1');
    submit('2');
    await clock.advance(5_000);
    running.get('1')?.end('done');
    await settled();
    expect(started).toEqual(['1', '2']);
  });

  it('goes on as soon as the trial has its answer, before that is published', async () => {
    const { clock, submit, running, started, open } = gatedLanes();
    await open();
    submit('1');
    submit('2');
    await clock.advance(5_000);
    running.get('1')?.pass?.end('well');
    expect(started).toEqual(['1', '2']);
  });

  it('has the trial wait for its token', async () => {
    const { clock, submit, started, open } = gatedLanes({ rate: 0.1 });
    await open();
    submit('1');
    await clock.advance(9_999);
    expect(started).toEqual([]);
    await clock.advance(1);
    expect(started).toEqual(['1']);
  });
});
