/**
 * Runs items of one key one after the other: the first goes ahead, the others wait in line.
 * Keys that nobody holds take no memory.
 */
export class KeyOrder<T> {
  readonly #lines = new Map<string, T[]>();

  /** True when `item` may run now and holds the key; false when it waits. */
  enter(key: string, item: T): boolean {
    const line = this.#lines.get(key);
    if (line === undefined) {
      this.#lines.set(key, []);
      return true;
    }
    line.push(item);
    return false;
  }

  /** Gives the key up. Returns the item that holds it now and may run, if one waited. */
  leave(key: string): T | undefined {
    const next = this.#lines.get(key)?.shift();
    if (next === undefined) this.#lines.delete(key);
    return next;
  }

  /** Takes waiting items out of their lines, and returns them; holders are not touched. */
  remove(chosen: (item: T) => boolean): T[] {
    const removed: T[] = [];
    for (const [key, line] of this.#lines) {
      const kept = line.filter((item) => !chosen(item));
      removed.push(...line.filter(chosen));
      if (kept.length < line.length) this.#lines.set(key, kept);
    }
    return removed;
  }

  /** Items that wait in line. */
  *waiting(): Iterable<T> {
    for (const line of this.#lines.values()) yield* line;
  }

  /** Keys that are held; for tests. */
  get size(): number {
    return this.#lines.size;
  }
}
