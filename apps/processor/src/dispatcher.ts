import type { Clock } from '@kafka-http-proxy/streams';
import type { Backlog } from './backlog.js';
import { Lane } from './lane.js';
import type { LaneOptions, Release, Work, WorkOwner } from './work.js';

export interface DispatcherOptions {
  readonly lanes: readonly LaneOptions[];
  /** Most works that hold a slot at once, over all lanes. */
  readonly maxActive: number;
  /** What a lane may hold, what runs included; it is eased at half of it. */
  readonly backlog: Backlog;
  /** A lane has too much, or little enough again: between the two nothing is said (hysteresis). */
  onPressure(lane: string, high: boolean): void;
  readonly clock: Clock;
}

/**
 * Decides which record runs when: up to `maxActive` at once, lanes in turn, equal keys in order,
 * and no faster than each lane's bucket. Who waits for a token or a key holds no slot, and no
 * other lane waits for it.
 *
 * Pressure is kept by lane, over all that was submitted and is not finished: high at the backlog,
 * low at half of it. So a lane that its rate limit or one hot key holds back fills only itself.
 * Pausing drops the consumer's prefetch and reading on takes time, hence the wide gap: what is left
 * at the low mark keeps the backends busy meanwhile.
 */
export class Dispatcher {
  readonly #lanes = new Map<string, Lane>();
  readonly #order: Lane[];
  readonly #maxActive: number;
  readonly #backlog: Backlog;
  readonly #clock: Clock;
  readonly #onPressure: (lane: string, high: boolean) => void;
  #active = 0;
  #turn = 0;

  constructor(options: DispatcherOptions) {
    this.#maxActive = options.maxActive;
    this.#backlog = options.backlog;
    this.#clock = options.clock;
    this.#onPressure = options.onPressure;
    for (const lane of options.lanes) this.#lanes.set(lane.name, new Lane(lane));
    this.#order = [...this.#lanes.values()];
  }

  /** Queues work in a lane, and starts it if it may. */
  submit(laneName: string, work: Work): void {
    const lane = this.#lane(laneName);
    this.#opened(lane, work.bytes);
    lane.push(work);
    this.#pump();
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
      this.#closed(
        lane,
        gone.length,
        gone.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }
    // What was dropped may have stood before others, at the head of a lane or of a key.
    if (dropped > 0) this.#pump();
    return dropped;
  }

  /** True while the lane has too much. */
  pressed(laneName: string): boolean {
    return this.#lane(laneName).pressed;
  }

  /** Works that hold a slot. */
  get active(): number {
    return this.#active;
  }

  /** Works submitted and not finished, of one lane or of all. */
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
    const work = lane.head();
    if (work === undefined) return false;
    const now = this.#clock.now();
    if (work.expired(now)) {
      lane.shift();
      this.#run(lane, work, { slot: false, key: true });
      return true;
    }
    if (this.#active >= this.#maxActive) return false;
    const waitMs = lane.bucket?.take(now) ?? 0;
    if (waitMs > 0) {
      lane.wakeAfter(waitMs, this.#clock, () => this.#pump());
      return false;
    }
    lane.shift();
    this.#active++;
    this.#run(lane, work, { slot: true, key: true });
    return true;
  }

  #run(lane: Lane, work: Work, holds: { slot: boolean; key: boolean }): void {
    const release: Release = (what) => {
      if (!holds.slot && (!holds.key || what === 'slot')) return;
      if (holds.slot) this.#active--;
      holds.slot = false;
      if (holds.key && what !== 'slot') {
        holds.key = false;
        lane.leaveKey(work);
      }
      this.#pump();
    };
    const ended = () => {
      release();
      this.#closed(lane, 1, work.bytes);
      work.owner.leave();
      this.#pump();
    };
    work.owner.enter();
    work.run(release).then(ended, ended);
  }

  #opened(lane: Lane, bytes: number): void {
    lane.open++;
    lane.bytes += bytes;
    const { records, bytes: most } = this.#backlog;
    if (lane.pressed || (lane.open < records && lane.bytes < most)) return;
    lane.pressed = true;
    this.#onPressure(lane.name, true);
  }

  #closed(lane: Lane, count: number, bytes: number): void {
    lane.open -= count;
    lane.bytes -= bytes;
    const { records, bytes: most } = this.#backlog;
    if (!lane.pressed || lane.open > records / 2 || lane.bytes > most / 2) return;
    lane.pressed = false;
    this.#onPressure(lane.name, false);
  }
}
