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
  /** How far ahead each stream may be, bytes. */
  window(): number;
  /** Bytes reserved of one kind. */
  held(kind: Holding): number;
  /** Bytes reserved. */
  readonly reserved: number;
  /** Most that can be, bytes. */
  readonly wholeBytes: number;
  readonly streams: number;
}

export interface MemoryBudgetOptions {
  /** For all of it, bytes. */
  readonly limitBytes: number;
  readonly maxStreams: number;
  /** Largest window of one stream, bytes. */
  readonly streamWindow: number;
}

/** Of the half for whole things, what one kind may take. */
const KIND_SHARE = 3 / 4;
/** Of that half, what is kept for small pieces. */
const SMALL_SHARE = 1 / 8;
/** Of the streams, what one that has half of them may be lent. */
const LENT_SHARE = 3 / 4;
/** Pieces up to this are small, bytes. */
const SMALL_BYTES = 65_536;

export function createMemoryBudget({ limitBytes, maxStreams, streamWindow }: MemoryBudgetOptions): MemoryBudget {
  const half = limitBytes / 2;
  const most = Math.min(maxStreams, Math.floor(half / FIRST_WINDOW));
  const ofKind = half * KIND_SHARE;
  const forLong = half * (1 - SMALL_SHARE);
  const held: Record<Holding, number> = { head: 0, body: 0, reply: 0, record: 0 };
  let reserved = 0;
  let streams = 0;
  const streamsOf = new Map<string, number>();
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
      if (streams >= most || (own >= most / 2 && streams >= most * LENT_SHARE)) return false;
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
    window: () => Math.max(FIRST_WINDOW, Math.min(streamWindow, Math.floor(half / Math.max(streams, 1)))),
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
