import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { openLanes, TestOwner } from '../testing/lanes.js';

describe('Dispatcher', () => {
  it('runs as many at once as it may, over all lanes, and the next when one ends', async () => {
    const { dispatcher, work, started, end } = openLanes();
    for (const name of ['1', '2', '3']) dispatcher.submit('a', work(name));
    dispatcher.submit('b', work('4'));
    expect(started).toEqual(['1', '2']);
    expect(dispatcher.active).toBe(2);
    await end('1');
    await end('2');
    expect(new Set(started.slice(2))).toEqual(new Set(['3', '4']));
  });

  it('takes lanes in turn, so that a long queue does not hold up a short one', async () => {
    const { dispatcher, work, started, end } = openLanes({ maxActive: 1 });
    for (const name of ['a1', 'a2', 'a3', 'a4']) dispatcher.submit('a', work(name));
    dispatcher.submit('b', work('b1'));
    await end('a1');
    await end(started[1] as string);
    expect(started.slice(0, 3)).toContain('b1');
  });

  it('gives the slot on when work releases it, before the work has ended', () => {
    const { dispatcher, work, started, releases } = openLanes({ maxActive: 1 });
    dispatcher.submit('a', work('1'));
    dispatcher.submit('a', work('2'));
    releases.get('1')?.();
    releases.get('1')?.();
    expect(started).toEqual(['1', '2']);
    expect(dispatcher.active).toBe(1);
    expect(dispatcher.open()).toBe(2);
  });

  it('gives the slot alone on when work goes on as a stream: its key waits', async () => {
    const { dispatcher, work, started, releases, end } = openLanes({ maxActive: 1 });
    dispatcher.submit('a', work('k1', { key: 'k' }));
    dispatcher.submit('a', work('k2', { key: 'k' }));
    dispatcher.submit('a', work('other'));
    releases.get('k1')?.('slot');
    releases.get('k1')?.('slot');
    expect(started).toEqual(['k1', 'other']);
    expect(dispatcher.active).toBe(1);
    await end('k1');
    expect(dispatcher.active).toBe(1);
    await end('other');
    expect(started).toEqual(['k1', 'other', 'k2']);
  });

  it('runs equal keys one after the other, others meanwhile', async () => {
    const { dispatcher, work, started, end } = openLanes({ maxActive: 10 });
    dispatcher.submit('a', work('k1', { key: 'k' }));
    dispatcher.submit('a', work('k2', { key: 'k' }));
    dispatcher.submit('a', work('l1', { key: 'l' }));
    dispatcher.submit('a', work('none'));
    dispatcher.submit('b', work('k of another topic', { key: 'k' }));
    expect(started).toEqual(['k1', 'l1', 'none', 'k of another topic']);
    await end('k1');
    expect(started.at(-1)).toBe('k2');
  });

  it('starts no more a second than the rate, holding neither a slot nor another lane meanwhile', async () => {
    const { dispatcher, clock, work, started } = openLanes({ maxActive: 3, rates: { a: 2 } });
    for (const name of ['a1', 'a2', 'a3']) dispatcher.submit('a', work(name));
    expect(started).toEqual(['a1']);
    expect(dispatcher.active).toBe(1);
    dispatcher.submit('b', work('b1'));
    expect(started).toEqual(['a1', 'b1']);
    await clock.advance(499);
    expect(started).toEqual(['a1', 'b1']);
    await clock.advance(1);
    expect(started).toEqual(['a1', 'b1', 'a2']);
  });

  it('starts expired work at once: it needs no slot and no token', () => {
    const { dispatcher, clock, work, started } = openLanes({ maxActive: 1, rates: { a: 0.001 } });
    dispatcher.submit('a', work('a1'));
    dispatcher.submit('b', work('b1', { expiresAtMs: clock.now() }));
    dispatcher.submit('a', work('a2', { expiresAtMs: clock.now() }));
    expect(started).toEqual(['a1', 'b1', 'a2']);
    expect(dispatcher.active).toBe(1);
  });

  it('drops what is queued for an owner and lets what runs go on', async () => {
    const { dispatcher, owner, work, started, end } = openLanes({ maxActive: 1 });
    const other = new TestOwner();
    dispatcher.submit('a', work('runs', { key: 'k' }));
    dispatcher.submit('a', work('behind the key', { key: 'k' }));
    dispatcher.submit('a', work('queued', { key: 'l' }));
    dispatcher.submit('a', work('of the other', { key: 'l', owner: other }));
    expect(dispatcher.drop(owner)).toBe(2);
    expect(dispatcher.open()).toBe(2);
    expect(owner.running).toBe(1);
    await end('runs');
    expect(owner.running).toBe(0);
    expect(started).toEqual(['runs', 'of the other']);
  });

  it('leaves no timer behind when all that waited for a token is dropped', () => {
    const { dispatcher, clock, owner, work } = openLanes({ rates: { a: 1 } });
    dispatcher.submit('a', work('1'));
    dispatcher.submit('a', work('2'));
    expect(clock.waiting).toBe(1);
    dispatcher.drop(owner);
    expect(clock.waiting).toBe(0);
  });

  it('goes on when work fails against its promise', async () => {
    const { dispatcher, owner, work, started } = openLanes({ maxActive: 1 });
    dispatcher.submit('a', {
      correlationId: null,
      key: null,
      bytes: 0,
      owner,
      deadlineMs: Number.POSITIVE_INFINITY,
      repeatable: false,
      run: () => Promise.reject(new Error('broken')),
    });
    dispatcher.submit('a', work('next'));
    await settled();
    expect(started).toEqual(['next']);
  });
});

describe('work that nobody wants any more', () => {
  it('leaves its lane at once, in one pass and without a slot, and its memory with it', async () => {
    const { dispatcher, work, started, end } = openLanes({ maxActive: 1, records: 100 });
    for (const name of ['1', '2', '3', '4']) dispatcher.submit('a', work(name, { bytes: 10, key: 'k' }));
    expect(started).toEqual(['1']);
    const gone = new Set(['2', '4']);
    dispatcher.withdraw((id) => gone.has(id));
    expect(started).toEqual(['1', '2', '4']);
    expect(dispatcher.active).toBe(1);
    await end('2');
    await end('4');
    expect(dispatcher.open('a')).toBe(2);
    await end('1');
    expect(started.at(-1)).toBe('3');
  });
});
