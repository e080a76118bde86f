import type { Clock } from '@kafka-http-proxy/streams';
import { KeyOrder } from './key-order.js';
import type { TokenBucket } from './token-bucket.js';
import type { LaneOptions, Work, WorkOwner } from './work.js';

/** Taken items at the front of the queue that are kept before it is cut. */
const CUT_AT = 1024;

/** The dispatcher's queue of one topic. */
export class Lane {
  readonly name: string;
  readonly bucket: TokenBucket | null;
  /** Works submitted and not finished. */
  open = 0;
  /** Memory that they hold, about. */
  bytes = 0;
  /** True between a high pressure and the low one after it. */
  pressed = false;
  readonly #keys: KeyOrder<Work> | null;
  #ready: Work[] = [];
  #front = 0;
  #cancelWake: (() => void) | null = null;

  constructor(options: LaneOptions) {
    this.name = options.name;
    this.bucket = options.bucket;
    this.#keys = options.ordered ? new KeyOrder() : null;
  }

  /** Queues work, behind its key where that is taken. */
  push(work: Work): void {
    if (this.#keys !== null && work.key !== null && !this.#keys.enter(work.key, work)) return;
    this.#ready.push(work);
  }

  /** The next to start; undefined when nothing may. */
  head(): Work | undefined {
    return this.#ready[this.#front];
  }

  /** Takes the head off. */
  shift(): void {
    this.#front++;
    if (this.#front < CUT_AT && this.#front < this.#ready.length) return;
    this.#ready = this.#ready.slice(this.#front);
    this.#front = 0;
  }

  /** Gives up the key of work that has ended: the next of that key becomes ready. */
  leaveKey(work: Work): void {
    if (this.#keys === null || work.key === null) return;
    const next = this.#keys.leave(work.key);
    if (next !== undefined) this.#ready.push(next);
  }

  /** Takes out what is queued for an owner, and returns it. */
  drop(owner: WorkOwner): Work[] {
    // First those behind a key, so that giving up the keys of the others readies nothing of this owner.
    const dropped = this.#keys?.remove((work) => work.owner === owner) ?? [];
    const waiting = this.#ready.slice(this.#front);
    this.#ready = waiting.filter((work) => work.owner !== owner);
    this.#front = 0;
    for (const work of waiting) {
      if (work.owner !== owner) continue;
      dropped.push(work);
      this.leaveKey(work);
    }
    if (this.head() === undefined) this.#sleep();
    return dropped;
  }

  /** Calls `wake` once after `delayMs`; while one call is due, further ones are not needed. */
  wakeAfter(delayMs: number, clock: Clock, wake: () => void): void {
    if (this.#cancelWake !== null) return;
    this.#cancelWake = clock.after(delayMs, () => {
      this.#cancelWake = null;
      wake();
    });
  }

  #sleep(): void {
    this.#cancelWake?.();
    this.#cancelWake = null;
  }
}
