import { FIRST_WINDOW } from './part.js';

/**
 * What a process may hold of bodies, in bytes: half of it whole bodies, half the windows of streams.
 * Windows shrink as streams open, so that all of them together stay inside their half.
 */
export interface MemoryBudget {
  /** Reserves room for bytes of a whole body; false when there is none. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
  /** Counts a stream in; false when there are too many, or no window is left for it. Pair with {@link leave}. */
  enter(): boolean;
  leave(): void;
  /** How far ahead each stream may be, bytes. */
  window(): number;
  /** Bytes reserved by whole bodies. */
  readonly reserved: number;
  readonly streams: number;
}

export interface MemoryBudgetOptions {
  /** For all of it, bytes. */
  readonly limitBytes: number;
  readonly maxStreams: number;
  /** Largest window of one stream, bytes. */
  readonly streamWindow: number;
}

export function createMemoryBudget({ limitBytes, maxStreams, streamWindow }: MemoryBudgetOptions): MemoryBudget {
  const half = limitBytes / 2;
  const most = Math.min(maxStreams, Math.floor(half / FIRST_WINDOW));
  let reserved = 0;
  let streams = 0;
  return {
    reserve(bytes) {
      if (reserved + bytes > half) return false;
      reserved += bytes;
      return true;
    },
    release(bytes) {
      reserved -= bytes;
    },
    enter() {
      if (streams >= most) return false;
      streams++;
      return true;
    },
    leave() {
      streams--;
    },
    window: () => Math.max(FIRST_WINDOW, Math.min(streamWindow, Math.floor(half / Math.max(streams, 1)))),
    get reserved() {
      return reserved;
    },
    get streams() {
      return streams;
    },
  };
}
