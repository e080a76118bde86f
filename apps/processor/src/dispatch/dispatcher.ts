import type { Clock } from '@kafka-http-proxy/streams';
import type { Backlog } from './backlog.js';
import { Lane } from './lane.js';
import { Pressure } from './pressure.js';
import { Slots } from './slots.js';
import type { Gate, LaneOptions, Pass, PauseReason, Release, Work, WorkEnd, WorkOwner } from './work.js';

export interface DispatcherOptions {
  readonly lanes: readonly LaneOptions[];
  /** Most works that hold a slot at once, over all lanes. */
  readonly maxActive: number;
  /** The part of `maxActive` that a lane has for itself, where there are several: above 0, 1 at most. */
  readonly share: number;
  /** What a lane may hold, what runs included. One that had too much is read again at half of it. */
  readonly backlog: Backlog;
  /** A lane is to get nothing more for now, or is to be read again; why says {@link Dispatcher.pausedBy}. */
  onPause(lane: string, paused: boolean): void;
  /** Memory that works hold changed by so many bytes. */
  counted?(bytes: number): void;
  /** False while there is no memory for what works that start would bring; asked again when one ends. */
  hasRoom?(): boolean;
  readonly clock: Clock;
}

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
  readonly #lanes = new Map<string, Lane>();
  readonly #order: Lane[];
  readonly #slots: Slots;
  readonly #pressure: Pressure;
  readonly #clock: Clock;
  readonly #onPause: (lane: string, paused: boolean) => void;
  readonly #hasRoom: () => boolean;
  #closed = false;
  #turn = 0;

  constructor(options: DispatcherOptions) {
    const { backlog, counted = () => undefined, hasRoom = () => true } = options;
    this.#clock = options.clock;
    this.#onPause = options.onPause;
    this.#hasRoom = hasRoom;
    for (const lane of options.lanes) this.#lanes.set(lane.name, new Lane(lane));
    const lanes = [...this.#lanes.values()];
    this.#order = lanes;
    this.#slots = new Slots(options.maxActive, options.share, lanes);
    const change = (lane: Lane, tooMuch: boolean) => this.#pause(lane, 'pressure', tooMuch);
    this.#pressure = new Pressure({ backlog, lanes, change, counted });
    for (const lane of this.#order) {
      lane.gate?.onChange((state) => {
        // Only what is held back has deadlines to be woken for.
        if (state === 'closed') lane.sleep();
        this.#pump();
      });
    }
  }

  /** Queues work in a lane, and starts it if it may. */
  submit(laneName: string, work: Work): void {
    const lane = this.#lane(laneName);
    this.#pressure.opened(lane, work.bytes);
    lane.push(work);
    this.#pump();
  }

  /** Counts a record that is to become work; pair it with {@link unhold}, behind {@link submit} or {@link bypass}. */
  hold(laneName: string, bytes: number): void {
    this.#pressure.opened(this.#lane(laneName), bytes);
  }

  unhold(laneName: string, bytes: number): void {
    this.#pressure.left(this.#lane(laneName), 1, bytes);
  }

  /** Starts work that never needs the backend: at once, without a slot; it counts for the pressure. */
  bypass(laneName: string, work: Work): void {
    const lane = this.#lane(laneName);
    this.#pressure.opened(lane, work.bytes);
    this.#run(lane, work, { slot: false, key: false });
  }

  /** Ends what is queued of requests that nobody wants any more. Their works run without a slot, to say so. */
  withdraw(isWithdrawn: (correlationId: string) => boolean): void {
    const which = ({ correlationId }: Work) => correlationId !== null && isWithdrawn(correlationId);
    for (const lane of this.#order) {
      for (const { work, key } of lane.takeOut(which)) this.#run(lane, work, { slot: false, key });
    }
    this.#pump();
  }

  /** Forgets what is queued for an owner; what runs goes on. Returns how many were forgotten. */
  drop(owner: WorkOwner): number {
    let dropped = 0;
    for (const lane of this.#order) {
      const gone = lane.drop(owner);
      dropped += gone.length;
      this.#pressure.left(
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
    return [...this.#lane(laneName).pausedBy];
  }

  /** Sets no further timers: what waits then starts only when something else happens. */
  close(): void {
    this.#closed = true;
    for (const lane of this.#order) lane.sleep();
  }

  /** Works that hold a slot. */
  get active(): number {
    return this.#slots.taken;
  }

  /** Works submitted and not finished, of one lane or of all, and what is held for them. */
  open(laneName?: string): number {
    if (laneName !== undefined) return this.#lane(laneName).open;
    return this.#order.reduce((sum, lane) => sum + lane.open, 0);
  }

  #lane(name: string): Lane {
    const lane = this.#lanes.get(name);
    if (lane === undefined) throw new Error(`no lane ${name}`);
    return lane;
  }

  /** Starts what may start, one of each lane in turn. */
  #pump(): void {
    const lanes = this.#order.length;
    for (let idle = 0; idle < lanes; ) {
      const lane = this.#order[this.#turn] as Lane;
      this.#turn = (this.#turn + 1) % lanes;
      idle = this.#startOne(lane) ? 0 : idle + 1;
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
        release();
        this.#pressure.left(lane, 1, work.bytes);
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
