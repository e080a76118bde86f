/** What waits for its outcome. */
export interface Waiting {
  /** False once its outcome is known. */
  readonly waits: boolean;
}

/** Settled ones at the front that are kept before the list is cut. */
const CUT_AT = 1024;

/**
 * What waits, oldest first, where nearly all of it is settled in about the order in which it came.
 *
 * A Set would do the same, but of one that changes all the time V8 makes the table anew again and again, and
 * the old ones, once they are in the old space, keep all that they held and their successors until the next
 * major garbage collection: this one and another took the growth of a processor's heap at 2000 requests/s from 60 to 24
 * MiB a minute.
 */
export class Unsettled<T extends Waiting> {
  #entries: (T | undefined)[] = [];
  #front = 0;

  add(entry: T): void {
    this.#entries.push(entry);
  }

  /** To be called when one of them does not wait any longer: forgets what is settled at the front. */
  settled(): void {
    while (this.#front < this.#entries.length && !this.#entries[this.#front]?.waits) {
      this.#entries[this.#front++] = undefined;
    }
    if (this.#front < CUT_AT && this.#front < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#front);
    this.#front = 0;
  }

  /** The one that waits longest. */
  oldest(): T | undefined {
    return this.#entries[this.#front];
  }

  /** All that wait. */
  all(): T[] {
    return this.#entries.filter((entry) => entry?.waits) as T[];
  }
}
