/** The place of one record in its partition's order, from {@link OffsetTracker.begin}. */
export interface OffsetEntry {
  readonly offset: number;
  finished: boolean;
}

/** Finished entries at the front that are kept before the list is cut. */
const CUT_AT = 1024;

/**
 * Which offset of one partition may be stored while its records finish in any order.
 *
 * Records begin in the order of their offsets; gaps (compaction, transaction markers) are normal.
 * What may be stored is the lowest unfinished offset, or the one after the last record when none is
 * left: at least once, never past a record that is still being worked on.
 */
export class OffsetTracker {
  #entries: OffsetEntry[] = [];
  #front = 0;
  #last = -1;

  /**
   * Takes up a record. One at or below the last is of another log: the topic was deleted and made
   * anew, or the log was cut, and the consumer begins again. What is unfinished of the old log is
   * forgotten: its end stores nothing.
   */
  begin(offset: number): OffsetEntry {
    if (offset <= this.#last) {
      this.#entries = [];
      this.#front = 0;
    }
    this.#last = offset;
    const entry = { offset, finished: false };
    this.#entries.push(entry);
    return entry;
  }

  /** Marks a record as done. Returns the next offset to read, to be stored, or null when it has not moved. */
  finish(entry: OffsetEntry): number | null {
    entry.finished = true;
    if (this.#entries[this.#front] !== entry) return null;
    while (this.#entries[this.#front]?.finished) this.#front++;
    const lowest = this.#entries[this.#front];
    if (this.#front >= CUT_AT || lowest === undefined) {
      this.#entries = this.#entries.slice(this.#front);
      this.#front = 0;
    }
    return lowest === undefined ? this.#last + 1 : lowest.offset;
  }

  /** Records that began and are not finished, those behind the front included; for tests. */
  unfinished(): number {
    let count = 0;
    for (let i = this.#front; i < this.#entries.length; i++) if (!this.#entries[i]?.finished) count++;
    return count;
  }
}
