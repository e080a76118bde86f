import type { Clock } from '@kafka-http-proxy/streams';
import type { Lane } from './lane.js';
import { Lanes } from './lanes.js';
import type { DispatcherLimits, DispatcherOptions } from './options.js';
import { Pressure } from './pressure.js';
import { Slots } from './slots.js';
import type { Gate, Pass, PauseReason, Release, Work, WorkEnd, WorkOwner } from './work.js';

/**
 * Decides which record runs when: up to `maxActive` at once, lanes in turn, equal keys in order,
 * and no faster than each lane's rate limit. Who waits for a token or a key holds no slot, and no
 * other lane waits for it.
 *
 * `slots.ts` says who has how many slots, `pressure.ts` how much may wait. Pausing drops what the consumer has
 * prefetched, and reading again takes time. So the gap between too much and right again is wide: what is left at the
 * low mark keeps the backends busy meanwhile.
 *
 * A lane with a gate stands still while that is not closed. What expires ends at its time all the same, and
 * one work is let through when the gate says so. Meanwhile the lane is paused, unless the gate waits for a
 * trial and there is none.
 */
export class Dispatcher {
  readonly #lanes: Lanes;
  readonly #slots: Slots;
  readonly #pressure: Pressure;
  readonly #clock: Clock;
  readonly #onPause: (lane: string, paused: boolean) => void;
  readonly #hasRoom: () => boolean;
  #closed = false;

  constructor(options: DispatcherOptions) {
    const { backlog, counted = () => undefined, hasRoom = () => true } = options;
    this.#clock = options.clock;
    this.#onPause = options.onPause;
    this.#hasRoom = hasRoom;
    this.#lanes = new Lanes({
      gate: (lane, state) => {
        // Only what is held back has deadlines to be woken for.
        if (state === 'closed') lane.sleep();
        this.#pump();
      },
      count: () => this.#slots.change(),
    });
    const lanes = this.#lanes.all;
    this.#slots = new Slots(lanes);
    const change = (lane: Lane, tooMuch: boolean) => this.#pause(lane, 'pressure', tooMuch);
    this.#pressure = new Pressure({ lanes, change, counted }, backlog);
    this.change(options);
  }

  /**
   * Has these lanes and limits from now on. What is queued waits for what its lane has now; what runs goes on. A lane
   * that is missing is to get no more work, and goes when it is empty.
   */
  change({ lanes, maxActive, share, backlog }: DispatcherLimits): void {
    this.#lanes.change(lanes);
    this.#slots.change(maxActive, share);
    this.#pressure.change(backlog);
    for (const lane of this.#lanes.all) {
      lane.sleep();
      // Where there is a gate, it is asked at the next turn.
      if (lane.gate === null) this.#pause(lane, 'unhealthy', false);
    }
    this.#pump();
  }

  /** Queues work in a lane, and starts it if it may. */
  submit(laneName: string, work: Work): void {
    const lane = this.#lanes.of(laneName);
    this.#pressure.opened(lane, work.bytes);
    lane.push(work);
    this.#pump();
  }

  /** Counts a record that is to become work; pair it with {@link unhold}, behind {@link submit} or {@link bypass}. */
  hold(laneName: string, bytes: number): void {
    this.#pressure.opened(this.#lanes.of(laneName), bytes);
  }

  unhold(laneName: string, bytes: number): void {
    this.#left(this.#lanes.of(laneName), 1, bytes);
  }

  /** Starts work that never needs the backend: at once, without a slot; it counts for the pressure. */
  bypass(laneName: string, work: Work): void {
    const lane = this.#lanes.of(laneName);
    this.#pressure.opened(lane, work.bytes);
    this.#run(lane, work, { slot: false, key: false });
  }

  /** Ends what is queued of requests that nobody wants any more. Their works run without a slot, to say so. */
  withdraw(isWithdrawn: (correlationId: string) => boolean): void {
    const which = ({ correlationId }: Work) => correlationId !== null && isWithdrawn(correlationId);
    for (const lane of this.#lanes.all) {
      for (const { work, key } of lane.takeOut(which)) this.#run(lane, work, { slot: false, key });
    }
    this.#pump();
  }

  /** Forgets what is queued for an owner; what runs goes on. Returns how many were forgotten. */
  drop(owner: WorkOwner): number {
    let dropped = 0;
    for (const lane of [...this.#lanes.all]) {
      const gone = lane.drop(owner);
      for (const work of gone) work.dropped?.();
      dropped += gone.length;
      this.#left(
        lane,
        gone.length,
        gone.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }
    // What was dropped may have stood before others, at the head of a lane or of a key; or was the trial to be.
    this.#pump();
    return dropped;
  }

  /** Why nothing more is read for a lane; empty while it is read. */
  pausedBy(laneName: string): PauseReason[] {
    return [...(this.#lanes.find(laneName)?.pausedBy ?? [])];
  }

  /** Sets no further timers: what waits then starts only when something else happens. */
  close(): void {
    this.#closed = true;
    for (const lane of this.#lanes.all) lane.sleep();
  }

  /** Works that hold a slot. */
  get active(): number {
    return this.#slots.taken;
  }

  /** Works submitted and not finished, of one lane or of all, and what is held for them. */
  open(laneName?: string): number {
    if (laneName !== undefined) return this.#lanes.find(laneName)?.open ?? 0;
    return this.#lanes.all.reduce((sum, lane) => sum + lane.open, 0);
  }

  #left(lane: Lane, count: number, bytes: number): void {
    this.#pressure.left(lane, count, bytes);
    if (lane.leaving) this.#lanes.settle(lane);
  }

  /** Starts what may start, one of each lane in turn. */
  #pump(): void {
    for (let idle = 0; idle < this.#lanes.all.length; ) {
      idle = this.#startOne(this.#lanes.next()) ? 0 : idle + 1;
    }
  }

  #startOne(lane: Lane): boolean {
    if (lane.gate !== null && lane.gate.state() !== 'closed') return this.#startHeld(lane, lane.gate);
    if (lane.gate !== null) this.#pause(lane, 'unhealthy', false);
    const work = lane.head();
    if (work === undefined) return false;
    const now = this.#clock.now();
    if (now >= work.deadlineMs) {
      lane.shift();
      this.#run(lane, work, { slot: false, key: true });
      return true;
    }
    if (!this.#mayStart(lane, now)) return false;
    lane.shift();
    this.#slots.take(lane);
    this.#run(lane, work, { slot: true, key: true }, lane.gate?.enter());
    return true;
  }

  /** Of a lane that is held back: ends what has expired, and starts the trial when it is time for it. */
  #startHeld(lane: Lane, gate: Gate): boolean {
    const now = this.#clock.now();
    const expired = lane.takeExpired(now);
    for (const { work, key } of expired) this.#run(lane, work, { slot: false, key });
    if (expired.length > 0) return true;
    const due = gate.waitMs() === 0;
    // Without a request there is no trial: then they are read until there is one.
    this.#pause(lane, 'unhealthy', !due || lane.head() !== undefined);
    this.#wakeAt(lane, due ? lane.earliestMs : Math.min(lane.earliestMs, now + gate.waitMs()));
    if (!due || lane.head() === undefined || !this.#mayStart(lane, now)) return false;
    const trial = lane.takeTrial() as Work;
    this.#slots.take(lane);
    this.#run(lane, trial, { slot: true, key: true }, gate.enter());
    return true;
  }

  /** True when there is a slot, and a token, which it takes. */
  #mayStart(lane: Lane, nowMs: number): boolean {
    if (!this.#slots.isFree(lane) || !this.#hasRoom()) return false;
    const waitMs = lane.rateLimit?.take(nowMs) ?? 0;
    if (waitMs > 0) this.#wakeAt(lane, nowMs + waitMs);
    return waitMs === 0;
  }

  #wakeAt(lane: Lane, atMs: number): void {
    if (!this.#closed) lane.wakeAt(atMs, this.#clock, () => this.#pump());
  }

  #run(lane: Lane, work: Work, holds: { slot: boolean; key: boolean }, pass: Pass | null = null): void {
    const release: Release = (what) => {
      if (!holds.slot && (!holds.key || what === 'slot')) return;
      if (holds.slot) this.#slots.leave(lane);
      holds.slot = false;
      if (holds.key && what !== 'slot') {
        holds.key = false;
        lane.leaveKey(work);
      }
      this.#pump();
    };
    const ended = (end: WorkEnd) => {
      pass?.end(null);
      if (end === 'again' && !work.owner.revoked) this.#again(lane, work, holds);
      else {
        if (end === 'again') work.dropped?.();
        release();
        this.#left(lane, 1, work.bytes);
      }
      work.owner.leave();
      this.#pump();
    };
    work.owner.enter();
    work.run(release, pass).then(ended, () => ended('done'));
  }

  /** Puts work back that has to wait once more, before those of its key that came later. */
  #again(lane: Lane, work: Work, holds: { slot: boolean; key: boolean }): void {
    if (holds.slot) this.#slots.leave(lane);
    if (holds.key) lane.pushBack(work);
    else lane.push(work);
  }

  #pause({ name, pausedBy }: Lane, reason: PauseReason, on: boolean): void {
    if (pausedBy.has(reason) === on) return;
    const before = pausedBy.size > 0;
    if (on) pausedBy.add(reason);
    else pausedBy.delete(reason);
    const after = pausedBy.size > 0;
    if (before !== after) this.#onPause(name, after);
  }
}
