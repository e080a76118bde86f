import { FakeClock, settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../attempts/attempts.js';
import { createBreaker, type Pass } from '../attempts/breaker.js';
import { TokenBucket } from '../attempts/token-bucket.js';
import { Assignment } from '../partitions/assignment.js';
import { Dispatcher } from './dispatcher.js';
import type { Release, Work, WorkEnd } from './work.js';

const FINE: Verdict = {
  kind: 'answer',
  answer: { kind: 'answer', head: { status: 200, reason: null, headers: [] }, body: null, trailers: null },
  healthy: true,
};
const BROKEN: Verdict = { kind: 'failed', code: 'backend_unreachable', detail: '', cause: null, healthy: false };

interface Running {
  readonly pass: Pass | null;
  readonly release: Release;
  end(end: WorkEnd): void;
}

/** A lane `a` whose breaker opens at the first failure, for 5 s, and a lane `b` without a gate. */
function setup(options: { maxActive?: number; records?: number; ordered?: boolean; rate?: number } = {}) {
  const clock = new FakeClock();
  const owner = new Assignment('a', 0);
  const breaker = createBreaker({ threshold: 0.5, window: 10, min_rps: 0, half_open_after: 5 }, clock);
  const started: string[] = [];
  const running = new Map<string, Running>();
  const pauses: [string, boolean][] = [];
  const bucket = options.rate === undefined ? null : new TokenBucket(options.rate, clock.now());
  const dispatcher = new Dispatcher({
    lanes: [
      { name: 'a', bucket, ordered: options.ordered ?? false, gate: breaker },
      { name: 'b', bucket: null, ordered: false, gate: null },
    ],
    maxActive: options.maxActive ?? 10,
    share: 1,
    backlog: { records: options.records ?? 100, bytes: 1000, totalBytes: 2000 },
    clock,
    onPause: (lane, paused) => pauses.push([lane, paused]),
  });
  const submit = (name: string, more: Partial<Work> & { lane?: string; inMs?: number } = {}) =>
    dispatcher.submit(more.lane ?? 'a', {
      correlationId: name,
      key: more.key ?? null,
      bytes: 0,
      owner: more.owner ?? owner,
      deadlineMs: clock.now() + (more.inMs ?? 60_000),
      repeatable: more.repeatable ?? true,
      run(release, pass) {
        started.push(name);
        return new Promise((end) => running.set(name, { pass, release, end }));
      },
    });
  /** The backend has dealt with it. */
  const end = async (name: string, verdict: Verdict, how: WorkEnd = 'done') => {
    const { pass, end: finish } = running.get(name) as Running;
    pass?.end(verdict);
    finish(how);
    await settled();
  };
  /** The breaker opens. */
  const open = async () => {
    submit('first');
    await end('first', BROKEN);
    started.length = 0;
    pauses.length = 0;
  };
  return { clock, owner, breaker, started, running, pauses, dispatcher, submit, end, open };
}

describe('a lane whose breaker is open', () => {
  it('is paused at once, for as long as it has to be, while the other lane goes on', async () => {
    const { dispatcher, breaker, clock, submit, end, pauses, started } = setup();
    submit('first');
    submit('beside it');
    await end('first', BROKEN);
    expect(pauses).toEqual([['a', true]]);
    expect(dispatcher.pausedBy('a')).toEqual(['unhealthy']);
    submit('1');
    submit('2');
    submit('other', { lane: 'b' });
    expect(started).toEqual(['first', 'beside it', 'other']);
    await end('beside it', BROKEN);
    await clock.advance(4_999);
    expect(started).toHaveLength(3);
    await clock.advance(1);
    expect(started.slice(3)).toEqual(['1']);
    expect(breaker.state()).toBe('half_open');
    await end('1', FINE);
    expect(started.slice(3)).toEqual(['1', '2']);
    expect(pauses).toEqual([
      ['a', true],
      ['a', false],
    ]);
    expect(dispatcher.pausedBy('a')).toEqual([]);
    await end('2', FINE);
    await end('other', FINE);
    expect([dispatcher.active, dispatcher.open(), clock.waiting]).toEqual([0, 0, 0]);
  });

  it('starts all that waited in their order', async () => {
    const { clock, submit, end, started, open } = setup();
    await open();
    for (let i = 0; i < 6; i++) submit(String(i));
    await clock.advance(5_000);
    await end(started[0] as string, FINE);
    expect(started).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('stays as it is when the trial fails, and tries again in time', async () => {
    const { clock, submit, end, started, pauses, open } = setup();
    await open();
    submit('1');
    submit('2');
    for (let round = 1; round <= 3; round++) {
      await clock.advance(5_000);
      await end('1', { kind: 'held' }, 'again');
      expect(started).toEqual(Array(round).fill('1'));
    }
    await clock.advance(5_000);
    await end('1', FINE);
    expect(started).toEqual(['1', '1', '1', '1', '2']);
    expect(pauses).toEqual([['a', false]]);
  });

  it('has a work that waits again hold its key, and counts it as before', async () => {
    const { clock, dispatcher, submit, end, started, open } = setup({ ordered: true });
    await open();
    submit('k1', { key: 'k' });
    submit('k2', { key: 'k' });
    submit('l1', { key: 'l', inMs: 30_000 });
    await clock.advance(5_000);
    await end('k1', { kind: 'held' }, 'again');
    expect([dispatcher.open('a'), dispatcher.active]).toEqual([3, 0]);
    await clock.advance(5_000);
    await end('k1', FINE);
    expect(started).toEqual(['k1', 'k1', 'l1', 'k2']);
  });

  it('tries with what may be done again, and has the most time left', async () => {
    const { clock, submit, started, open } = setup();
    await open();
    submit('not repeatable', { repeatable: false, inMs: 90_000 });
    submit('soon over', { inMs: 10_000 });
    submit('the one', { inMs: 20_000 });
    submit('as good', { inMs: 20_000 });
    await clock.advance(5_000);
    expect(started).toEqual(['the one']);
  });

  it('tries with another at once when nothing was learnt of the first', async () => {
    const { clock, submit, end, started, open } = setup();
    await open();
    submit('1');
    submit('2');
    submit('3');
    await clock.advance(5_000);
    await end('1', { kind: 'cancelled' });
    expect(started).toEqual(['1', '2']);
    await end('2', { kind: 'cancelled' });
    await end('3', FINE);
    expect(started).toEqual(['1', '2', '3']);
  });

  it('tries with another when the first did not get to the backend', async () => {
    const { clock, submit, running, started, open } = setup();
    await open();
    submit('1');
    submit('2');
    await clock.advance(5_000);
    running.get('1')?.end('done');
    await settled();
    expect(started).toEqual(['1', '2']);
  });

  it('goes on as soon as the trial has its answer, which is yet to be told', async () => {
    const { clock, submit, running, started, open } = setup();
    await open();
    submit('1');
    submit('2');
    await clock.advance(5_000);
    running.get('1')?.pass?.end(FINE);
    expect(started).toEqual(['1', '2']);
  });

  it('ends what expires at its time, wherever it stands, without a slot', async () => {
    const { clock, dispatcher, submit, started, end, open } = setup({ maxActive: 1, ordered: true });
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
    // It has its key until it has been told.
    await end('l1', FINE);
    expect(await startedAfter(1_000)).toEqual(['behind l1']);
    expect(dispatcher.active).toBe(1);
    // The trial waits for its slot.
    expect(await startedAfter(10_000)).toEqual([]);
    await end('takes the slot', FINE);
    expect(started).toEqual(['k1']);
  });

  it('is read again when there is nothing to try with, until there is', async () => {
    const { clock, submit, end, started, pauses, dispatcher, open } = setup();
    await open();
    submit('expires', { inMs: 1_000 });
    await clock.advance(1_000);
    await end('expires', FINE);
    expect(started.splice(0)).toEqual(['expires']);
    expect(pauses).toEqual([]);
    await clock.advance(4_000);
    expect(pauses.splice(0)).toEqual([['a', false]]);
    submit('1');
    submit('2');
    expect(started).toEqual(['1']);
    expect(pauses.splice(0)).toEqual([['a', true]]);
    await end('1', BROKEN);
    expect([started, pauses, dispatcher.pausedBy('a')]).toEqual([['1'], [], ['unhealthy']]);
  });

  it('is read again in time though a partition went meanwhile', async () => {
    const { clock, dispatcher, owner, pauses, submit, open } = setup();
    await open();
    submit('1');
    expect([dispatcher.drop(owner), dispatcher.drop(owner)]).toEqual([1, 0]);
    expect(dispatcher.drop(new Assignment('a', 1))).toBe(0);
    await clock.advance(5_000);
    expect(pauses).toEqual([['a', false]]);
  });

  it('forgets what waits when its partition goes, the trial too', async () => {
    const { clock, dispatcher, owner, submit, end, started, open } = setup();
    await open();
    submit('1');
    submit('2');
    await clock.advance(5_000);
    owner.revoke();
    expect(dispatcher.drop(owner)).toBe(1);
    await end('1', { kind: 'held' }, 'again');
    await clock.advance(60_000);
    expect(started).toEqual(['1']);
    expect([dispatcher.open(), dispatcher.active, owner.running]).toEqual([0, 0, 0]);
  });

  it('is resumed when neither pressure nor the breaker pauses it', async () => {
    const { clock, dispatcher, submit, end, pauses, open } = setup({ records: 4 });
    await open();
    for (let i = 0; i < 5; i++) submit(String(i));
    expect(dispatcher.pausedBy('a')).toEqual(['unhealthy', 'pressure']);
    await clock.advance(5_000);
    await end('0', FINE);
    expect([dispatcher.pausedBy('a'), pauses]).toEqual([['pressure'], []]);
    await end('1', FINE);
    await end('2', FINE);
    expect([dispatcher.pausedBy('a'), pauses]).toEqual([[], [['a', false]]]);
  });

  it('has the trial wait for its token', async () => {
    const { clock, submit, started, open } = setup({ rate: 0.1 });
    await open();
    submit('1');
    await clock.advance(9_999);
    expect(started).toEqual([]);
    await clock.advance(1);
    expect(started).toEqual(['1']);
  });

  it('has no timer after it was closed', async () => {
    const { clock, dispatcher, submit, open } = setup();
    await open();
    submit('1');
    expect(clock.waiting).toBe(1);
    dispatcher.close();
    submit('2');
    expect(clock.waiting).toBe(0);
  });
});
