import type { Logger } from './logger.js';

/** Writes lines that strangers can cause, without letting them fill the log. */
export interface FloodGuard {
  /**
   * Writes a line: the first of its kind at once, of those that follow within a second the last one, at its end,
   * with the number of those between the two as `leftOut`.
   *
   * @param kind what lines are counted by: few, so nothing that a stranger chooses
   */
  warn(kind: string, facts: object, message: string): void;
  /** Writes what still waits. */
  flush(): void;
}

/** Most lines of a kind: one in this time, ms. */
const INTERVAL_MS = 1000;

/** What came of a kind since its last line. */
interface Held {
  count: number;
  facts: object;
  message: string;
}

/** The guard of a service; each line that one request can cause goes through it. */
export function createFloodGuard(logger: Pick<Logger, 'warn'>): FloodGuard {
  const kinds = new Map<string, Held>();

  const write = ({ count, facts, message }: Held): void => {
    logger.warn(count > 1 ? { ...facts, leftOut: count - 1 } : facts, message);
  };
  const watch = (kind: string, held: Held): void => {
    const timer = setTimeout(() => {
      if (kinds.get(kind) !== held) return;
      kinds.delete(kind);
      if (held.count === 0) return;
      write(held);
      begin(kind);
    }, INTERVAL_MS);
    // A line that waits is no reason to go on; who stops flushes.
    timer.unref();
  };
  const begin = (kind: string): void => {
    const held: Held = { count: 0, facts: {}, message: '' };
    kinds.set(kind, held);
    watch(kind, held);
  };

  return {
    warn(kind, facts, message) {
      const held = kinds.get(kind);
      if (held === undefined) {
        logger.warn(facts, message);
        begin(kind);
        return;
      }
      held.count++;
      held.facts = facts;
      held.message = message;
    },
    flush() {
      for (const held of kinds.values()) if (held.count > 0) write(held);
      kinds.clear();
    },
  };
}
