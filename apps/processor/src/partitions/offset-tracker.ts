import { Queue } from '@kafka-http-proxy/protocol';

/** The place of one record in its partition's order, from {@link OffsetTracker.begin}. */
export interface OffsetEntry {
  readonly offset: number;
  finished: boolean;
}

/**
 * Which offset of one partition may be stored while its records finish in any order.
 *
 * Records begin in the order of their offsets; gaps (compaction, transaction markers) are normal.
 * What may be stored is the lowest unfinished offset, or the one after the last record when none is
 * left: at least once, never past a record that is still being worked on.
 */
export class OffsetTracker {
  readonly #entries = new Queue<OffsetEntry>();
  #last = -1;

  /**
   * Takes up a record. One at or below the last is of another log: the topic was deleted and recreated, or the log was
   * cut, and the consumer begins again. What is unfinished of the old log is forgotten: its end stores nothing.
   */
  begin(offset: number): OffsetEntry {
    if (offset <= this.#last) this.#entries.replace([]);
    this.#last = offset;
    const entry = { offset, finished: false };
    this.#entries.push(entry);
    return entry;
  }

  /** Marks a record as done. Returns the next offset to read, to be stored, or null when it has not moved. */
  finish(entry: OffsetEntry): number | null {
    entry.finished = true;
    if (this.#entries.head() !== entry) return null;
    while (this.#entries.head()?.finished) this.#entries.shift();
    const lowest = this.#entries.head();
    return lowest === undefined ? this.#last + 1 : lowest.offset;
  }

  /** Records that began and are not finished, those behind the front included; for tests. */
  unfinished(): number {
    return this.#entries.all().filter(({ finished }) => !finished).length;
  }
}
