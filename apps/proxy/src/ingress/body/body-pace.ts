import type { Clock } from '@kafka-http-proxy/streams';

/** How fast a client sends its body, while it is waited for. */
export interface Pace {
  /** Bytes came. */
  took(bytes: number): void;
  /** From now on it is not the client that is waited for. */
  hold(): void;
  goOn(): void;
  /** It is not watched any more; may be called again. */
  stop(): void;
}

/** Bodies that come in: those that are slower than is allowed end, and the slowest when there is no room for more. */
export interface Paces {
  /**
   * @param late the client sends too slowly; called once, and stops the watch
   * @param giveWay the same, where its bytes are wanted for others; null: it holds none
   */
  watch(late: () => void, giveWay: (() => void) | null): Pace;
  /** Ends the slowest body that holds bytes; false when there is none that is slow. */
  endSlowest(): boolean;
  close(): void;
}

/** What paces are measured by. */
export interface PacesOptions {
  /** Bytes a second that a body has to come at; 0: no limit. Asked at each look. */
  readonly minRate: number;
  readonly clock: Clock;
}

/** A body is not judged before it had this long, ms: connections begin slowly. */
const GRACE_MS = 20_000;
/** Between two looks for bodies that are too slow, ms. */
const LOOK_MS = 1000;
/** One that has come for less than this can't be said to be slow when room is wanted, ms. */
const LEAST_MS = 2000;

/**
 * Watches how fast bodies come.
 *
 * @example
 * const paces = createPaces({ minRate: 500, clock });
 * const pace = paces.watch(() => refuse(tooSlow()), null);
 * request.on('data', (chunk) => pace.took(chunk.length));
 */
export function createPaces(options: PacesOptions): Paces {
  const { clock } = options;
  // A list: of a Set that changes with each request V8 keeps old tables.
  const watched: Watched[] = [];
  let cancel: (() => void) | null = null;

  const look = () => {
    cancel = null;
    const nowMs = clock.now();
    const { minRate } = options;
    // Apache's rule (mod_reqtimeout, MinRate): each second's worth of bytes earns another second.
    const late = watched.filter((one) => one.waitedMs(nowMs) > GRACE_MS + (one.bytes / minRate) * 1000);
    for (const one of late) {
      one.stop();
      one.late();
    }
    arm();
  };
  const arm = () => {
    if (options.minRate > 0 && watched.length > 0) cancel ??= clock.after(LOOK_MS, look);
  };

  return {
    watch(late, giveWay) {
      const one = new Watched(watched, clock, late, giveWay);
      arm();
      return one;
    },
    endSlowest() {
      const nowMs = clock.now();
      let slowest: Watched | null = null;
      let least = Number.POSITIVE_INFINITY;
      for (const one of watched) {
        const waitedMs = one.waitedMs(nowMs);
        if (one.giveWay === null || one.bytes === 0 || waitedMs < LEAST_MS || one.bytes / waitedMs >= least) continue;
        slowest = one;
        least = one.bytes / waitedMs;
      }
      if (slowest === null) return false;
      slowest.stop();
      slowest.giveWay?.();
      return true;
    },
    close() {
      cancel?.();
      cancel = null;
    },
  };
}

class Watched implements Pace {
  bytes = 0;
  #index: number;
  #sinceMs: number;
  /** Waited for before `#sinceMs`, ms. */
  #before = 0;
  #held = false;

  constructor(
    private readonly list: Watched[],
    private readonly clock: Clock,
    readonly late: () => void,
    readonly giveWay: (() => void) | null,
  ) {
    this.#sinceMs = clock.now();
    this.#index = list.length;
    list.push(this);
  }

  /** How long the client was waited for, ms. */
  waitedMs(nowMs: number): number {
    return this.#before + (this.#held ? 0 : nowMs - this.#sinceMs);
  }

  took(bytes: number): void {
    this.bytes += bytes;
  }

  hold(): void {
    if (this.#held) return;
    this.#before = this.waitedMs(this.clock.now());
    this.#held = true;
  }

  goOn(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#sinceMs = this.clock.now();
  }

  stop(): void {
    if (this.#index < 0) return;
    const last = this.list.pop() as Watched;
    if (last !== this) {
      this.list[this.#index] = last;
      last.#index = this.#index;
    }
    this.#index = -1;
  }
}
