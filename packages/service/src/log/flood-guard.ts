/** What a guard writes to: pino's `warn` and `error`. */
export interface WarnLog {
  warn(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
}

/** Writes lines of which strangers decide how many there are. */
export interface FloodGuard {
  /**
   * Writes a line, or only counts it: of one kind a few at once, then one a second, which says how many were left out.
   *
   * @param kind one of a bounded number, an error code say
   */
  warn(kind: string, facts: object, sentence: string): void;
  /** As `warn`, of what somebody has to see to. */
  error(kind: string, facts: object, sentence: string): void;
  /** Says now how many lines were left out: before the process ends. */
  flush(): void;
}

/** Lines of one kind that are written one after the other before any is left out. */
const BURST = 5;
/** Afterwards one in so many ms. */
const EVERY_MS = 1000;

interface Kind {
  readonly level: keyof WarnLog;
  /** Lines that may be written now. */
  left: number;
  /** When `left` was last counted up, ms. */
  countedMs: number;
  /** Lines that were not written since the last one that was. */
  omitted: number;
  timer: NodeJS.Timeout | null;
}

/**
 * @param now ms of a clock that only goes forward
 * @example
 * const flood = createFloodGuard(logger);
 * flood.warn('malformed', { topic }, 'a record could not be read');
 */
export function createFloodGuard(logger: WarnLog, now: () => number = () => performance.now()): FloodGuard {
  const kinds = new Map<string, Kind>();

  const tell = (kind: string, of: Kind): void => {
    of.timer = null;
    const { omitted } = of;
    if (omitted === 0) return;
    of.omitted = 0;
    logger[of.level]({ kind, omitted }, `${omitted} more lines of this kind were left out`);
  };

  const write = (level: keyof WarnLog, kind: string, facts: object, sentence: string): void => {
    const nowMs = now();
    let of = kinds.get(kind);
    if (of === undefined) {
      of = { level, left: BURST, countedMs: nowMs, omitted: 0, timer: null };
      kinds.set(kind, of);
    }
    const earned = Math.floor((nowMs - of.countedMs) / EVERY_MS);
    if (earned > 0) {
      of.left = Math.min(BURST, of.left + earned);
      of.countedMs += earned * EVERY_MS;
    }
    if (of.left === 0) {
      of.omitted++;
      const known = of;
      of.timer ??= setTimeout(() => tell(kind, known), EVERY_MS).unref();
      return;
    }
    of.left--;
    const { omitted } = of;
    of.omitted = 0;
    logger[level](omitted === 0 ? facts : { ...facts, omitted }, sentence);
  };

  return {
    warn: (kind, facts, sentence) => write('warn', kind, facts, sentence),
    error: (kind, facts, sentence) => write('error', kind, facts, sentence),
    flush() {
      for (const [kind, of] of kinds) {
        if (of.timer !== null) clearTimeout(of.timer);
        tell(kind, of);
      }
    },
  };
}
