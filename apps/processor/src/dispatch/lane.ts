import { Queue } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';
import { KeyOrder } from './key-order.js';
import type { Gate, GateState, LaneOptions, PauseReason, RateLimit, Work, WorkOwner } from './work.js';

/** The dispatcher's queue of one topic. */
export class Lane {
  readonly name: string;
  /** True when no work comes any more: it goes with the last that it has. */
  leaving = false;
  /** Works submitted and not finished, and what is held for it. */
  open = 0;
  /** Memory that they hold, about. */
  bytes = 0;
  /** Its works that hold a slot. */
  active = 0;
  /** Why nothing more is read for it; empty while it is read. */
  readonly pausedBy = new Set<PauseReason>();
  #rateLimit: RateLimit | null;
  #gate: Gate | null;
  #unwatch: (() => void) | null = null;
  readonly #keys = new KeyOrder<Work>();
  readonly #ready = new Queue<Work>();
  /** No deadline of what waits is before it, ms since the epoch. */
  #earliestMs = Number.POSITIVE_INFINITY;
  #wake: { readonly atMs: number; readonly cancel: () => void } | null = null;

  constructor({ name, rateLimit, gate }: LaneOptions) {
    this.name = name;
    this.#rateLimit = rateLimit;
    this.#gate = gate;
  }

  get rateLimit(): RateLimit | null {
    return this.#rateLimit;
  }

  get gate(): Gate | null {
    return this.#gate;
  }

  /** What it waits for from now on; `changed` hears of the gate's changes, until the next call. */
  bind({ rateLimit, gate }: Pick<LaneOptions, 'rateLimit' | 'gate'>, changed: (state: GateState) => void): void {
    this.#unwatch?.();
    this.#rateLimit = rateLimit;
    this.#gate = gate;
    this.#unwatch = gate?.onChange(changed) ?? null;
  }

  /** Hears of its gate no more. */
  unbind(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    this.sleep();
  }

  /** Queues work, behind its key where that is taken. */
  push(work: Work): void {
    this.#earliestMs = Math.min(this.#earliestMs, work.deadlineMs);
    if (work.key !== null && !this.#keys.enter(work.key, work)) return;
    this.#ready.push(work);
  }

  /** Queues work that was begun, at the head; it has its key. */
  pushBack(work: Work): void {
    this.#earliestMs = Math.min(this.#earliestMs, work.deadlineMs);
    this.#ready.pushFront(work);
  }

  /** The next to start; undefined when nothing may. */
  head(): Work | undefined {
    return this.#ready.head();
  }

  /** Takes the head off. */
  shift(): void {
    this.#ready.shift();
  }

  /**
   * Takes off what is to be the trial, if something may start. A trial may fail, so that work which may be repeated goes
   * first; of that, the one with the most time left, so that a timeout says something of the backend.
   */
  takeTrial(): Work | undefined {
    const rank = (work: Work) => (work.repeatable ? 1 : 0);
    const waiting = this.#ready.all();
    let best = waiting[0];
    for (const work of waiting) {
      if (best === undefined) break;
      const ahead = rank(work) - rank(best) || work.deadlineMs - best.deadlineMs;
      if (ahead > 0) best = work;
    }
    this.#ready.replace(waiting.filter((work) => work !== best));
    return best;
  }

  /** Takes out what `which` says, wherever it stands; `key`: it has its key. */
  takeOut(which: (work: Work) => boolean): { readonly work: Work; readonly key: boolean }[] {
    const behind = this.#keys.remove(which);
    const waiting = this.#ready.all();
    const out = waiting.filter(which);
    if (out.length > 0) this.#ready.replace(waiting.filter((work) => !which(work)));
    return [...out.map((work) => ({ work, key: true })), ...behind.map((work) => ({ work, key: false }))];
  }

  /** Takes off all that has expired, wherever it stands; `key`: it has its key. Costs nothing while nothing has. */
  takeExpired(nowMs: number): { readonly work: Work; readonly key: boolean }[] {
    if (nowMs < this.#earliestMs) return [];
    const expired = this.takeOut((work) => nowMs >= work.deadlineMs);
    this.#earliestMs = Number.POSITIVE_INFINITY;
    for (const works of [this.#ready.all(), this.#keys.waiting()]) {
      for (const { deadlineMs } of works) this.#earliestMs = Math.min(this.#earliestMs, deadlineMs);
    }
    return expired;
  }

  /** When the next of what waits expires, or before; ms since the epoch. */
  get earliestMs(): number {
    return this.#earliestMs;
  }

  /** Gives up the key of work that has ended: the next of that key becomes ready. */
  leaveKey(work: Work): void {
    if (work.key === null) return;
    const next = this.#keys.leave(work.key);
    if (next !== undefined) this.#ready.push(next);
  }

  /** Takes out what is queued for an owner, and returns it. */
  drop(owner: WorkOwner): Work[] {
    // First those behind a key, so that giving up the keys of the others readies nothing of this owner.
    const dropped = this.#keys.remove((work) => work.owner === owner);
    const waiting = this.#ready.all();
    this.#ready.replace(waiting.filter((work) => work.owner !== owner));
    for (const work of waiting) {
      if (work.owner !== owner) continue;
      dropped.push(work);
      this.leaveKey(work);
    }
    if (this.head() === undefined) this.sleep();
    return dropped;
  }

  /** Calls `wake` once at `atMs` (ms since the epoch), unless a call is due that is no later. */
  wakeAt(atMs: number, clock: Clock, wake: () => void): void {
    if (atMs === Number.POSITIVE_INFINITY) return;
    if (this.#wake !== null && this.#wake.atMs <= atMs) return;
    this.sleep();
    const cancel = clock.after(Math.max(atMs - clock.now(), 0), () => {
      this.#wake = null;
      wake();
    });
    this.#wake = { atMs, cancel };
  }

  /** Takes back a call that is due. */
  sleep(): void {
    this.#wake?.cancel();
    this.#wake = null;
  }
}
