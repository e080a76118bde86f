import { createMemoryBudget } from '@kafka-http-proxy/streams';
import { FakeClock, settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { Assignment } from './assignment.js';
import { Dispatcher, type DispatcherOptions } from './dispatcher.js';
import { TokenBucket } from './token-bucket.js';
import type { Release, Work } from './work.js';

function setup(
  options: Partial<DispatcherOptions> & { rates?: Record<string, number>; ordered?: boolean; names?: string[] } = {},
) {
  const clock = new FakeClock();
  const owner = new Assignment('t', 0);
  const started: string[] = [];
  const withdrawn: string[] = [];
  const endings = new Map<string, () => void>();
  const releases = new Map<string, Release>();
  const pressure: [string, boolean][] = [];
  const budget = createMemoryBudget({ limitBytes: 2_000_000, maxStreams: 1, streamWindow: 65_536 });
  const dispatcher = new Dispatcher({
    lanes: (options.names ?? ['a', 'b']).map((name) => ({
      name,
      bucket: options.rates?.[name] === undefined ? null : new TokenBucket(options.rates[name], clock.now()),
      ordered: options.ordered ?? false,
      gate: null,
    })),
    maxActive: options.maxActive ?? 2,
    share: options.share ?? 0.5,
    budget,
    backlog: options.backlog ?? { records: 2 * (options.maxActive ?? 2), bytes: 1000 },
    clock,
    onPause: (lane, paused) => pressure.push([lane, paused]),
  });
  const work = (name: string, more: Partial<Work> & { expiresAtMs?: number } = {}): Work => ({
    id: more.id ?? null,
    key: more.key ?? null,
    bytes: more.bytes ?? 0,
    owner: more.owner ?? owner,
    deadlineMs: more.expiresAtMs ?? Number.POSITIVE_INFINITY,
    repeatable: false,
    withdraw: () => withdrawn.push(name),
    run(release) {
      started.push(name);
      releases.set(name, release);
      return new Promise((resolve) => endings.set(name, () => resolve('done')));
    },
  });
  const end = async (name: string) => {
    endings.get(name)?.();
    await settled();
  };
  return { clock, owner, budget, withdrawn, started, releases, pressure, dispatcher, work, end };
}

describe('Dispatcher', () => {
  it('runs as many at once as it may, over all lanes, and the next when one ends', async () => {
    const { dispatcher, work, started, end } = setup();
    for (const name of ['1', '2', '3']) dispatcher.submit('a', work(name));
    dispatcher.submit('b', work('4'));
    expect(started).toEqual(['1', '2']);
    expect(dispatcher.active).toBe(2);
    await end('1');
    await end('2');
    expect(new Set(started.slice(2))).toEqual(new Set(['3', '4']));
  });

  it('takes lanes in turn, so that a long queue does not hold up a short one', async () => {
    const { dispatcher, work, started, end } = setup({ maxActive: 1 });
    for (const name of ['a1', 'a2', 'a3', 'a4']) dispatcher.submit('a', work(name));
    dispatcher.submit('b', work('b1'));
    await end('a1');
    await end(started[1] as string);
    expect(started.slice(0, 3)).toContain('b1');
  });

  it('gives the slot on when work releases it, before the work has ended', () => {
    const { dispatcher, work, started, releases } = setup({ maxActive: 1 });
    dispatcher.submit('a', work('1'));
    dispatcher.submit('a', work('2'));
    releases.get('1')?.();
    releases.get('1')?.();
    expect(started).toEqual(['1', '2']);
    expect(dispatcher.active).toBe(1);
    expect(dispatcher.open()).toBe(2);
  });

  it('gives the slot alone on when work goes on as a stream: its key waits', async () => {
    const { dispatcher, work, started, releases, end } = setup({ maxActive: 1, ordered: true });
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
    const { dispatcher, work, started, end } = setup({ maxActive: 10, ordered: true });
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
    const { dispatcher, clock, work, started } = setup({ maxActive: 3, rates: { a: 2 } });
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
    const { dispatcher, clock, work, started } = setup({ maxActive: 1, rates: { a: 0.001 } });
    dispatcher.submit('a', work('a1'));
    dispatcher.submit('b', work('b1', { expiresAtMs: clock.now() }));
    dispatcher.submit('a', work('a2', { expiresAtMs: clock.now() }));
    expect(started).toEqual(['a1', 'b1', 'a2']);
    expect(dispatcher.active).toBe(1);
  });

  it('presses at the bytes of its backlog too, and eases at half of both', async () => {
    const { dispatcher, work, pressure, end } = setup({ maxActive: 100 });
    dispatcher.submit('a', work('1', { bytes: 600 }));
    dispatcher.submit('a', work('2', { bytes: 500 }));
    expect(pressure).toEqual([['a', true]]);
    await end('2');
    expect(pressure).toHaveLength(1);
    await end('1');
    expect(pressure.at(-1)).toEqual(['a', false]);
  });

  it('presses at its backlog and eases at half of it, lane by lane, once each', async () => {
    const { dispatcher, work, pressure, end } = setup({ maxActive: 2 });
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
    const { dispatcher, work, pressure, started, end } = setup({ maxActive: 1 });
    dispatcher.bypass('a', work('1'));
    dispatcher.bypass('a', work('2'));
    expect(started).toEqual(['1', '2']);
    expect(dispatcher.active).toBe(0);
    expect(pressure).toEqual([['a', true]]);
    await end('1');
    expect(pressure.at(-1)).toEqual(['a', false]);
  });

  it('drops what is queued for an owner and lets what runs go on', async () => {
    const { dispatcher, owner, work, started, end } = setup({ maxActive: 1, ordered: true });
    const other = new Assignment('t', 1);
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
    const { dispatcher, clock, owner, work } = setup({ rates: { a: 1 } });
    dispatcher.submit('a', work('1'));
    dispatcher.submit('a', work('2'));
    expect(clock.waiting).toBe(1);
    dispatcher.drop(owner);
    expect(clock.waiting).toBe(0);
  });

  it('goes on when work fails against its promise', async () => {
    const { dispatcher, owner, work, started } = setup({ maxActive: 1 });
    dispatcher.submit('a', {
      id: null,
      key: null,
      bytes: 0,
      owner,
      deadlineMs: Number.POSITIVE_INFINITY,
      repeatable: false,
      withdraw: () => undefined,
      run: () => Promise.reject(new Error('broken')),
    });
    dispatcher.submit('a', work('next'));
    await settled();
    expect(started).toEqual(['next']);
  });
});

describe('slots that topics share', () => {
  const count = (started: string[], lane: string) => started.filter((name) => name.startsWith(lane)).length;

  it('are lent to one topic alone, but for the guarantee of the other, which starts at once', () => {
    const { dispatcher, work, started } = setup({ maxActive: 100 });
    for (let i = 0; i < 110; i++) dispatcher.submit('a', work(`a${i}`));
    expect(dispatcher.active).toBe(75);
    for (let i = 0; i < 30; i++) dispatcher.submit('b', work(`b${i}`));
    expect([count(started, 'a'), count(started, 'b')]).toEqual([75, 25]);
  });

  it('are all of a topic that is alone', () => {
    const { dispatcher, work } = setup({ maxActive: 100, names: ['a'] });
    for (let i = 0; i < 110; i++) dispatcher.submit('a', work(`a${i}`));
    expect(dispatcher.active).toBe(100);
  });

  it('that were lent go to the topic that is below its share as they come free', async () => {
    const { dispatcher, work, started, end } = setup({ maxActive: 100 });
    for (let i = 0; i < 110; i++) dispatcher.submit('a', work(`a${i}`));
    for (let i = 0; i < 60; i++) dispatcher.submit('b', work(`b${i}`));
    for (let i = 0; i < 25; i++) await end(`a${i}`);
    expect([count(started, 'a'), count(started, 'b')]).toEqual([75, 50]);
    // Each has its share, and keeps it; what one does not need goes to the other.
    for (let i = 25; i < 45; i++) await end(`a${i}`);
    expect(dispatcher.active).toBe(100);
    expect([count(started, 'a'), count(started, 'b')]).toEqual([95, 50]);
    for (let i = 45; i < 75; i++) await end(`a${i}`);
    expect([dispatcher.active, count(started, 'b')]).toEqual([95, 60]);
  });

  it('are not kept from a topic above its share for one that waits for its rate', () => {
    const { dispatcher, work, started } = setup({ maxActive: 100, rates: { b: 1 } });
    for (let i = 0; i < 10; i++) dispatcher.submit('b', work(`b${i}`));
    for (let i = 0; i < 110; i++) dispatcher.submit('a', work(`a${i}`));
    expect(count(started, 'a')).toBeGreaterThanOrEqual(75);
  });

  it('leave each of many topics one', () => {
    const names = Array.from({ length: 20 }, (_, i) => `${String.fromCharCode(97 + i)}`);
    const { dispatcher, work, started } = setup({ maxActive: 100, names });
    for (let i = 0; i < 200; i++) dispatcher.submit('a', work(`a${i}`));
    expect(count(started, 'a')).toBe(81);
    for (const name of names.slice(1)) dispatcher.submit(name, work(`${name}0`));
    expect(dispatcher.active).toBe(100);
  });
});

describe('work that is withdrawn while it is queued', () => {
  it('leaves the lane at once and ends without a slot, wherever it stands, in one pass', async () => {
    const { dispatcher, work, started, withdrawn, budget, end } = setup({ maxActive: 1, ordered: true });
    dispatcher.submit('a', work('runs', { id: 'runs', bytes: 100 }));
    dispatcher.submit('a', work('k1', { id: 'k1', key: 'k', bytes: 100 }));
    dispatcher.submit('a', work('k2', { id: 'k2', key: 'k', bytes: 100 }));
    dispatcher.submit('a', work('k3', { id: 'k3', key: 'k', bytes: 100 }));
    expect(budget.reserved).toBe(400);
    dispatcher.withdraw((id) => id === 'k1' || id === 'k2' || id === 'runs');
    expect(withdrawn).toEqual(['k1', 'k2']);
    expect(started).toEqual(['runs', 'k1', 'k2']);
    expect(dispatcher.active).toBe(1);
    await end('k1');
    await end('k2');
    expect([dispatcher.open(), budget.reserved]).toEqual([2, 200]);
    await end('runs');
    expect(started.at(-1)).toBe('k3');
    await end('k3');
    expect([dispatcher.open(), dispatcher.active, budget.reserved]).toEqual([0, 0, 0]);
  });
});

describe('the memory of all lanes', () => {
  it('that comes near its end pauses those that hold much, and none that holds little', async () => {
    const { dispatcher, work, pressure, end } = setup({
      maxActive: 100,
      names: ['a', 'b', 'c', 'd'],
      backlog: { records: 1000, bytes: 1000 },
    });
    dispatcher.submit('a', work('a1', { bytes: 900 }));
    dispatcher.submit('b', work('b1', { bytes: 600 }));
    expect(pressure).toEqual([['b', true]]);
    dispatcher.submit('c', work('c1', { bytes: 120 }));
    dispatcher.submit('a', work('a2', { bytes: 10 }));
    expect(pressure).toEqual([
      ['b', true],
      ['a', true],
    ]);
    dispatcher.submit('c', work('c2', { bytes: 10 }));
    expect(pressure.at(-1)).toEqual(['c', true]);
    await end('a1');
    // Of the three only one holds too much for itself, and all together have come down.
    expect(pressure.slice(3)).toEqual([
      ['a', false],
      ['c', false],
    ]);
    await end('b1');
    expect(pressure.at(-1)).toEqual(['b', false]);
  });
});
