import { FakeClock, settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../attempts/token-bucket.js';
import { Assignment } from '../partitions/assignment.js';
import { Dispatcher, type DispatcherOptions } from './dispatcher.js';
import type { Release, Work } from './work.js';

function setup(
  options: Partial<DispatcherOptions> & { rates?: Record<string, number>; ordered?: boolean; records?: number } = {},
) {
  const clock = new FakeClock();
  const owner = new Assignment('t', 0);
  const started: string[] = [];
  const endings = new Map<string, () => void>();
  const releases = new Map<string, Release>();
  const pressure: [string, boolean][] = [];
  const dispatcher = new Dispatcher({
    lanes: ['a', 'b'].map((name) => ({
      name,
      bucket: options.rates?.[name] === undefined ? null : new TokenBucket(options.rates[name], clock.now()),
      ordered: options.ordered ?? false,
      gate: null,
    })),
    maxActive: options.maxActive ?? 2,
    share: 0.5,
    backlog: { records: options.records ?? 2 * (options.maxActive ?? 2), bytes: 1000, totalBytes: 1500 },
    clock,
    onPause: (lane, paused) => pressure.push([lane, paused]),
  });
  const work = (name: string, more: Partial<Work> & { expiresAtMs?: number } = {}): Work => ({
    correlationId: name,
    key: more.key ?? null,
    bytes: more.bytes ?? 0,
    owner: more.owner ?? owner,
    deadlineMs: more.expiresAtMs ?? Number.POSITIVE_INFINITY,
    repeatable: false,
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
  return { clock, owner, started, releases, pressure, dispatcher, work, end };
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

describe('several lanes', () => {
  const names = (lane: string, count: number) => Array.from({ length: count }, (_, i) => `${lane}${i}`);
  const ofLane = (started: readonly string[], lane: string) => started.filter((name) => name.startsWith(lane)).length;

  it('leave each other a part: who came first has three quarters of the slots, and the next is not kept waiting', () => {
    const { dispatcher, work, started } = setup({ maxActive: 100, records: 10_000 });
    for (const name of names('a', 110)) dispatcher.submit('a', work(name));
    expect(started).toHaveLength(75);
    for (const name of names('b', 110)) dispatcher.submit('b', work(name));
    expect(ofLane(started, 'b')).toBe(25);
    expect(dispatcher.active).toBe(100);
  });

  it('get back what was lent as works end', async () => {
    const { dispatcher, work, started, end } = setup({ maxActive: 100, records: 10_000 });
    for (const name of names('a', 200)) dispatcher.submit('a', work(name));
    for (const name of names('b', 200)) dispatcher.submit('b', work(name));
    for (const name of names('a', 60)) await end(name);
    expect(ofLane(started, 'b')).toBeGreaterThan(50);
    expect(dispatcher.active).toBe(100);
  });

  it('that hold too much together are paused, but for those that hold little', async () => {
    const { dispatcher, work, pressure, end } = setup({ maxActive: 1, records: 100 });
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

describe('work that nobody wants any more', () => {
  it('leaves its lane at once, in one pass and without a slot, and its memory with it', async () => {
    const { dispatcher, work, started, end } = setup({ maxActive: 1, records: 100, ordered: true });
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
