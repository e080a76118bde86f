import type { Clock, MemoryBudget } from '@kafka-http-proxy/streams';
import type { Backlog } from './backlog.js';
import type { Pass } from './breaker.js';
import { Lane } from './lane.js';
import type { LaneOptions, PauseReason, Release, Work, WorkEnd, WorkOwner } from './work.js';

export interface DispatcherOptions {
  readonly lanes: readonly LaneOptions[];
  /** Most works that hold a slot at once, over all lanes. */
  readonly maxActive: number;
  /** Share of `maxActive` that is a lane's own, above 0. */
  readonly share: number;
  /** What a lane may hold, what runs included; it is eased at half of it. */
  readonly backlog: Backlog;
  /** Counts the memory of all lanes. */
  readonly budget: Pick<MemoryBudget, 'force' | 'release'>;
  /** A lane is to get nothing more for now, or is to be read again; why says {@link Dispatcher.pausedBy}. */
  onPause(lane: string, paused: boolean): void;
  readonly clock: Clock;
}

/**
 * Decides which record runs when: up to `maxActive` at once, lanes in turn, equal keys in order,
 * and no faster than each lane's bucket. Who waits for a token or a key holds no slot, and no
 * other lane waits for it.
 *
 * Pressure is kept by lane, over all that was submitted and is not finished: high at the backlog,
 * low at half of it; between the two nothing is said (hysteresis). So a lane that its rate limit or one hot key holds back fills only itself.
 * Where all lanes together come near what there is for them, those that hold more than an even part of the rest
 * are paused too, so that who fills the memory by several topics leaves the others some.
 * Pausing drops the consumer's prefetch and reading on takes time, hence the wide gap: what is left
 * at the low mark keeps the backends busy meanwhile.
 *
 * Slots are lent: a lane goes above its share while no other lane that is below its own has work that may start, and
 * as long as each of the others still finds a guarantee: half of an even part of what is above the share.
 *
 * A lane with a gate stands still while that is not closed. What expires ends at its time all the same, and
 * one work is let through when the gate says so. Meanwhile the lane is paused, unless the gate waits for a
 * trial and there is none.
 */
export class Dispatcher {
  readonly #lanes = new Map<string, Lane>();
  readonly #order: Lane[];
  readonly #maxActive: number;
  /** Slots of a lane from which on it is lent what others leave. */
  readonly #share: number;
  /** Slots that are kept for each lane, used or not. */
  readonly #guarantee: number;
  /** Of those, what no lane uses. */
  #kept: number;
  readonly #backlog: Backlog;
  readonly #budget: DispatcherOptions['budget'];
  /** What all lanes hold, bytes. */
  #bytes = 0;
  /** Lanes that are paused for what they hold. */
  #pressed = 0;
  readonly #clock: Clock;
  readonly #onPause: (lane: string, paused: boolean) => void;
  #closed = false;
  #active = 0;
  #turn = 0;

  constructor(options: DispatcherOptions) {
    this.#maxActive = options.maxActive;
    this.#backlog = options.backlog;
    this.#clock = options.clock;
    this.#onPause = options.onPause;
    for (const lane of options.lanes) this.#lanes.set(lane.name, new Lane(lane));
    this.#order = [...this.#lanes.values()];
    this.#budget = options.budget;
    const { maxActive, share } = options;
    const others = this.#order.length - 1;
    this.#share = others === 0 ? maxActive : Math.max(1, Math.floor(share * maxActive));
    this.#guarantee = others === 0 ? 0 : Math.floor(((1 - share) * maxActive) / others / 2);
    this.#kept = this.#guarantee * this.#order.length;
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
    this.#opened(lane, work.bytes);
    lane.push(work);
    this.#pump();
  }

  /** Counts a record that is to become work; pair it with {@link unhold}, behind {@link submit} or {@link bypass}. */
  hold(laneName: string, bytes: number): void {
    this.#opened(this.#lane(laneName), bytes);
  }

  unhold(laneName: string, bytes: number): void {
    this.#left(this.#lane(laneName), 1, bytes);
  }

  /** Starts work that never needs the backend: at once, without a slot; it counts for the pressure. */
  bypass(laneName: string, work: Work): void {
    const lane = this.#lane(laneName);
    this.#opened(lane, work.bytes);
    this.#run(lane, work, { slot: false, key: false });
  }

  /** Forgets what is queued for an owner; what runs goes on. Returns how many went. */
  drop(owner: WorkOwner): number {
    let dropped = 0;
    for (const lane of this.#order) {
      const gone = lane.drop(owner);
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

  /** Takes out what was withdrawn and is queued: it ends at once, without a slot. */
  withdraw(isWithdrawn: (id: string) => boolean): void {
    for (const lane of this.#order) {
      const gone = lane.takeOut(({ id }) => id !== null && isWithdrawn(id));
      for (const { work, key } of gone) {
        work.withdraw();
        this.#run(lane, work, { slot: false, key });
      }
    }
    this.#pump();
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
    return this.#active;
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
    // What is above a share comes when nothing else may start.
    let lending = false;
    let above = false;
    for (let idle = 0; idle < lanes; ) {
      const lane = this.#order[this.#turn] as Lane;
      this.#turn = (this.#turn + 1) % lanes;
      if (!lending && lane.active >= this.#share) above = true;
      const started = this.#startOne(lane, lending);
      idle = started ? 0 : idle + 1;
      if (started) lending = false;
      else if (idle === lanes && above && !lending) {
        lending = true;
        idle = 0;
      }
    }
  }

  #startOne(lane: Lane, lending: boolean): boolean {
    if (lane.gate !== null && lane.gate.state() !== 'closed') return this.#startHeld(lane, lane.gate, lending);
    if (lane.gate !== null) this.#pause(lane, 'unhealthy', false);
    const work = lane.head();
    if (work === undefined) return false;
    const now = this.#clock.now();
    if (now >= work.deadlineMs) {
      lane.shift();
      this.#run(lane, work, { slot: false, key: true });
      return true;
    }
    if (!this.#mayStart(lane, now, lending)) return false;
    lane.shift();
    this.#takeSlot(lane);
    this.#run(lane, work, { slot: true, key: true }, lane.gate?.enter());
    return true;
  }

  /** Of a lane that is held back: ends what has expired, and starts the trial when it is time for it. */
  #startHeld(lane: Lane, gate: NonNullable<Lane['gate']>, lending: boolean): boolean {
    const now = this.#clock.now();
    const expired = lane.takeExpired(now);
    for (const { work, key } of expired) this.#run(lane, work, { slot: false, key });
    if (expired.length > 0) return true;
    const due = gate.waitMs() === 0;
    // Without a request there is no trial: then they are read until there is one.
    this.#pause(lane, 'unhealthy', !due || lane.head() !== undefined);
    this.#wakeAt(lane, due ? lane.earliestMs : Math.min(lane.earliestMs, now + gate.waitMs()));
    if (!due || lane.head() === undefined || !this.#mayStart(lane, now, lending)) return false;
    const trial = lane.takeTrial() as Work;
    this.#takeSlot(lane);
    this.#run(lane, trial, { slot: true, key: true }, gate.enter());
    return true;
  }

  /** True when there is a slot, and a token, which it takes. */
  #mayStart(lane: Lane, nowMs: number, lending: boolean): boolean {
    if (lane.active >= this.#share && !lending) return false;
    const keptForOthers = this.#kept - Math.max(this.#guarantee - lane.active, 0);
    if (this.#active + keptForOthers >= this.#maxActive) return false;
    const waitMs = lane.bucket?.take(nowMs) ?? 0;
    if (waitMs > 0) this.#wakeAt(lane, nowMs + waitMs);
    return waitMs === 0;
  }

  #takeSlot(lane: Lane): void {
    if (lane.active < this.#guarantee) this.#kept--;
    lane.active++;
    this.#active++;
  }

  #freeSlot(lane: Lane): void {
    this.#active--;
    lane.active--;
    if (lane.active < this.#guarantee) this.#kept++;
  }

  #wakeAt(lane: Lane, atMs: number): void {
    if (!this.#closed) lane.wakeAt(atMs, this.#clock, () => this.#pump());
  }

  #run(lane: Lane, work: Work, holds: { slot: boolean; key: boolean }, pass: Pass | null = null): void {
    const release: Release = (what) => {
      if (!holds.slot && (!holds.key || what === 'slot')) return;
      if (holds.slot) this.#freeSlot(lane);
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
    if (holds.slot) this.#freeSlot(lane);
    if (holds.key) lane.pushBack(work);
    else lane.push(work);
  }

  #opened(lane: Lane, bytes: number): void {
    lane.open++;
    lane.bytes += bytes;
    this.#bytes += bytes;
    this.#budget.force('record', bytes);
    if (!lane.pausedBy.has('pressure') && this.#isFull(lane)) {
      this.#pressed++;
      this.#pause(lane, 'pressure', true);
    }
  }

  #left(lane: Lane, count: number, bytes: number): void {
    lane.open -= count;
    lane.bytes -= bytes;
    this.#bytes -= bytes;
    this.#budget.release('record', bytes);
    if (this.#pressed === 0) return;
    // What one gives back may be what another waits for.
    for (const one of this.#order) {
      if (!one.pausedBy.has('pressure') || !this.#isEased(one)) continue;
      this.#pressed--;
      this.#pause(one, 'pressure', false);
    }
  }

  /** Too much of one lane; or of all, and this one holds more than an even part of the quarter that is left then. */
  #isFull({ open, bytes }: Lane): boolean {
    const { records, bytes: most } = this.#backlog;
    if (open >= records || bytes >= most) return true;
    return this.#bytes >= 1.5 * most && bytes >= most / 2 / this.#order.length;
  }

  #isEased({ open, bytes }: Lane): boolean {
    const { records, bytes: most } = this.#backlog;
    if (open > records / 2 || bytes > most / 2) return false;
    return this.#bytes <= most || bytes <= most / 4 / this.#order.length;
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
