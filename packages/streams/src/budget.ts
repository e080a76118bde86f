import { FIRST_WINDOW } from './part.js';

/** What memory is held for: request or reply heads, request bodies, replies that are written, records that wait. */
export type Holding = 'head' | 'body' | 'reply' | 'record';

/**
 * What a process may hold for strangers, in bytes: half of it whole things (heads, bodies, replies, records), half
 * the windows of streams. Windows shrink as streams open, so that all of them together stay inside their half.
 *
 * Of the first half no kind takes more than three quarters, and the last eighth is for small pieces only: who
 * fills it with long bodies keeps neither short ones nor replies out.
 */
export interface MemoryBudget {
  /**
   * Reserves room for bytes; false when there is none. Pair with {@link release}.
   *
   * @param total of what they are a part of, where that is more
   */
  reserve(kind: Holding, bytes: number, total?: number): boolean;
  /** Counts bytes that are there already, room or not. Pair with {@link release}. */
  force(kind: Holding, bytes: number): void;
  release(kind: Holding, bytes: number): void;
  /**
   * Counts a stream in; false when there are too many, no window is left for it, or whose it is has half of them and
   * the last quarter is begun. Pair with {@link leave}.
   *
   * @param of whose it is: a request topic
   */
  enter(of: string): boolean;
  leave(of: string): void;
  /** How far ahead each stream may be where all are alike, bytes. */
  window(): number;
  /** The credit of one stream that receives, which was counted in; {@link CreditLease.end} it before {@link leave}. */
  lease(): CreditLease;
  /** Counts bytes in (or, negative, out) that streams handed to Kafka and that it has not acknowledged. */
  onTheirWay(change: number): void;
  /** Most bytes that one stream may have on their way now. */
  mostOnTheirWay(): number;
  /** Most bytes that one stream that sends may keep while it may not send them. */
  mostKept(): number;
  /** True while no window is left for one more stream, though there may be as many. */
  readonly crowded: boolean;
  /** Bytes reserved of one kind. */
  held(kind: Holding): number;
  /** Bytes reserved. */
  readonly reserved: number;
  /** Most that can be, bytes. */
  readonly wholeBytes: number;
  readonly streams: number;
}

/**
 * What one receiver has granted and not consumed. All of it together stays inside the half for windows, whatever
 * the order in which streams opened: what was granted can't be taken back.
 */
export interface CreditLease {
  /**
   * How far ahead the sender may be, bytes.
   *
   * @param consumed bytes that went on so far: a window grows with them, so who takes nothing is granted little
   */
  window(consumed: number): number;
  /** Tells what is granted and not consumed, bytes. */
  hold(outstanding: number): void;
  /** Nothing of it is held any more; may be called again. */
  end(): void;
}

/** How much there is to share out. */
export interface MemoryBudgetOptions {
  /** For all of it, bytes. */
  readonly limitBytes: number;
  readonly maxStreams: number;
  /** Largest window of one stream, bytes. */
  readonly streamWindow: number;
}

/** Of what windows are left, what one stream may have: the rest is for those that come. */
const LEASE_SHARE = 1 / 2;
/** Of what was consumed, what a window grows by. Kernels take 2 to 6 MB for a client that reads nothing. */
const GROWTH = 1 / 4;
/** Most that all streams have unacknowledged, bytes: small records of others wait behind it. */
const ON_THEIR_WAY_BYTES = 4 * 1024 * 1024;
/** What each may have beyond that, bytes, so that all get on. */
const LEAST_ON_ITS_WAY = FIRST_WINDOW / 4;
/** Of a window, what its sender may keep beside it. */
const KEPT_SHARE = 1 / 4;
/** Of the half for whole things, what one kind may take. */
const KIND_SHARE = 3 / 4;
/** Of that half, what is kept for small pieces. */
const SMALL_SHARE = 1 / 8;
/** Of the streams, what one that has half of them may be lent. */
const LENT_SHARE = 3 / 4;
/** Pieces up to this are small, bytes. */
const SMALL_BYTES = 65_536;

/**
 * The budget of one process. Who reserves releases, however the work ends.
 *
 * @example
 * const budget = createMemoryBudget({ limitBytes: 256 * 1024 * 1024, maxStreams: 1000, streamWindow: 1_048_576 });
 * if (budget.reserve('body', bytes)) budget.release('body', bytes);
 */
export function createMemoryBudget({ limitBytes, maxStreams, streamWindow }: MemoryBudgetOptions): MemoryBudget {
  const half = limitBytes / 2;
  const most = Math.min(maxStreams, Math.floor(half / FIRST_WINDOW));
  const ofKind = half * KIND_SHARE;
  const forLong = half * (1 - SMALL_SHARE);
  const held: Record<Holding, number> = { head: 0, body: 0, reply: 0, record: 0 };
  let reserved = 0;
  let streams = 0;
  /** What is granted beyond the first window of each stream, bytes. */
  let extra = 0;
  let sending = 0;
  const streamsOf = new Map<string, number>();
  const windowsLeft = () => half - streams * FIRST_WINDOW - extra;
  const window = () => Math.max(FIRST_WINDOW, Math.min(streamWindow, Math.floor(half / Math.max(streams, 1))));
  const lease = (): CreditLease => {
    let own = 0;
    let ended = false;
    const set = (bytes: number) => {
      extra += bytes - own;
      own = bytes;
    };
    return {
      window(consumed) {
        const room = Math.max(0, own, (windowsLeft() + own) * LEASE_SHARE);
        return Math.floor(Math.min(window(), FIRST_WINDOW + Math.min(room, consumed * GROWTH)));
      },
      hold(outstanding) {
        if (!ended) set(Math.max(0, outstanding - FIRST_WINDOW));
      },
      end() {
        ended = true;
        set(0);
      },
    };
  };
  const take = (kind: Holding, bytes: number) => {
    held[kind] += bytes;
    reserved += bytes;
  };
  return {
    reserve(kind, bytes, total = bytes) {
      if (reserved + bytes > (total > SMALL_BYTES ? forLong : half) || held[kind] + bytes > ofKind) return false;
      take(kind, bytes);
      return true;
    },
    force: take,
    release: (kind, bytes) => take(kind, -bytes),
    enter(of) {
      const own = streamsOf.get(of) ?? 0;
      if (streams >= most || windowsLeft() < FIRST_WINDOW || (own >= most / 2 && streams >= most * LENT_SHARE))
        return false;
      streams++;
      streamsOf.set(of, own + 1);
      return true;
    },
    leave(of) {
      streams--;
      const own = (streamsOf.get(of) ?? 0) - 1;
      if (own > 0) streamsOf.set(of, own);
      else streamsOf.delete(of);
    },
    window,
    lease,
    onTheirWay(change) {
      sending += change;
    },
    mostOnTheirWay: () => (sending < ON_THEIR_WAY_BYTES ? window() : LEAST_ON_ITS_WAY),
    mostKept: () => window() * KEPT_SHARE,
    get crowded() {
      return streams < most && windowsLeft() < FIRST_WINDOW;
    },
    held: (kind) => held[kind],
    get reserved() {
      return reserved;
    },
    wholeBytes: half,
    get streams() {
      return streams;
    },
  };
}
