import type { Clock } from '@kafka-http-proxy/streams';
import { FakeClock, settled } from '@kafka-http-proxy/streams/testing';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { Gate, GateState, Pass, RateLimit, Release, Work, WorkEnd, WorkOwner } from '../dispatch/work.js';

/* What the dispatcher works with, as far as it knows of it. */

/** Whose works they are; counts those that run. */
export class TestOwner implements WorkOwner {
  revoked = false;
  running = 0;

  enter(): void {
    this.running++;
  }

  leave(): void {
    this.running--;
  }
}

/** What a work says of the backend behind a gate; null: nothing was learnt. */
type Said = 'well' | 'unwell' | null;

/** Leave that a {@link TestGate} gave. */
interface TestPass extends Pass {
  end(said: Said): void;
}

/** How long a {@link TestGate} is open before it lets a trial through, ms. */
const OPEN_MS = 5_000;

/** A gate that one `unwell` opens, and one `well` of a trial closes. */
class TestGate implements Gate {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #listeners = new Set<(state: GateState) => void>();
  #state: GateState = 'closed';
  #openedMs = 0;
  #trying = false;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  state(): GateState {
    return this.#state;
  }

  waitMs(): number {
    if (this.#state === 'closed') return 0;
    if (this.#trying) return Number.POSITIVE_INFINITY;
    return this.#state === 'half_open' ? 0 : Math.max(this.#openedMs + OPEN_MS - this.#clock.now(), 0);
  }

  enter(): TestPass | null {
    const trial = this.#state !== 'closed';
    if (this.waitMs() > 0) return null;
    this.#trying = trial;
    if (this.#state === 'open') this.#change('half_open');
    let ended = false;
    return {
      trial,
      end: (said) => {
        if (ended) return;
        ended = true;
        if (trial) this.#trying = false;
        else if (this.#state !== 'closed') return;
        if (said === 'unwell') this.#change('open');
        else if (said === 'well' && trial) this.#change('closed');
      },
    };
  }

  onChange(listener: (state: GateState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Who hears of its changes. */
  get listening(): number {
    return this.#listeners.size;
  }

  #change(state: GateState): void {
    this.#state = state;
    if (state === 'open') this.#openedMs = this.#clock.now();
    for (const listener of this.#listeners) listener(state);
  }
}

/** Lets one start each `1 / perSecond` seconds. */
function steadily(perSecond: number): RateLimit {
  let nextMs = 0;
  return {
    take(nowMs) {
      if (nowMs < nextMs) return nextMs - nowMs;
      nextMs = nowMs + 1000 / perSecond;
      return 0;
    },
  };
}

interface LaneSetup {
  readonly maxActive?: number;
  readonly records?: number;
}

/** A dispatcher of the lanes `a` and `b`, without gates, and works that end when they are told to. */
export function openLanes(options: LaneSetup & { readonly rates?: Readonly<Record<string, number>> } = {}) {
  const { maxActive = 2, records = 2 * maxActive, rates = {} } = options;
  const clock = new FakeClock();
  const owner = new TestOwner();
  const started: string[] = [];
  const endings = new Map<string, () => void>();
  const releases = new Map<string, Release>();
  const pressure: [string, boolean][] = [];
  const dispatcher = new Dispatcher({
    lanes: ['a', 'b'].map((name) => {
      const rate = rates[name];
      return { name, rateLimit: rate === undefined ? null : steadily(rate), gate: null };
    }),
    maxActive,
    share: 0.5,
    backlog: { records, bytes: 1000, totalBytes: 1500 },
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

interface Running {
  readonly pass: TestPass | null;
  readonly release: Release;
  end(end: WorkEnd): void;
}

/** A lane `a` behind a {@link TestGate}, and a lane `b` without a gate. */
export function gatedLanes(options: LaneSetup & { readonly rate?: number } = {}) {
  const { maxActive = 10, records = 100, rate } = options;
  const clock = new FakeClock();
  const owner = new TestOwner();
  const gate = new TestGate(clock);
  const started: string[] = [];
  const running = new Map<string, Running>();
  const pauses: [string, boolean][] = [];
  const rateLimit = rate === undefined ? null : steadily(rate);
  const dispatcher = new Dispatcher({
    lanes: [
      { name: 'a', rateLimit, gate },
      { name: 'b', rateLimit: null, gate: null },
    ],
    maxActive,
    share: 1,
    backlog: { records, bytes: 1000, totalBytes: 2000 },
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
      run(release, pass: TestPass | null) {
        started.push(name);
        return new Promise((end) => running.set(name, { pass, release, end }));
      },
    });
  /** The backend has dealt with it. */
  const end = async (name: string, said: Said, how: WorkEnd = 'done') => {
    const { pass, end: finish } = running.get(name) as Running;
    pass?.end(said);
    finish(how);
    await settled();
  };
  /** The gate opens. */
  const open = async () => {
    submit('first');
    await end('first', 'unwell');
    started.length = 0;
    pauses.length = 0;
  };
  return { clock, owner, gate, started, running, pauses, dispatcher, submit, end, open };
}
