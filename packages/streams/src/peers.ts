import type { Clock } from './clock.js';

/** One side of an exchange that goes on, as the watch sees it. */
export interface Watched {
  /** Tells the peer that this side is there. */
  beat(): void;
  /** Nothing was heard of the peer for the idle timeout, or will have been before the next look. */
  lost(): void;
}

/** Notices peers that are gone, and tells peers that this side is not: one timer for all. */
export interface PeerWatch {
  add(id: string, watched: Watched): Beat;
  remove(id: string): void;
  close(): void;
}

/** What the watch hears about one exchange. */
export interface Beat {
  /** The peer sent something. */
  heard(): void;
  /** Something was sent to the peer. */
  sent(): void;
  readonly heardMs: number;
}

/** A beat is due after a third of the idle timeout, so that one may be late. */
const BEATS = 3;

/**
 * @param idleMs how long a peer may be silent
 * @example
 * const watch = createPeerWatch(30_000, systemClock);
 * const beat = watch.add(id, { beat: () => sendBeat(id), lost: () => breakOff(id) });
 * beat.heard();
 * watch.remove(id);
 */
export function createPeerWatch(idleMs: number, clock: Clock): PeerWatch {
  const watched = new Map<string, { readonly by: Watched; heardMs: number; sentMs: number }>();
  const everyMs = idleMs / BEATS / 2;
  let cancel: (() => void) | null = null;
  let closed = false;

  const look = () => {
    cancel = null;
    const now = clock.now();
    for (const [id, one] of [...watched]) {
      if (!watched.has(id)) continue;
      // By the next look it would be too late.
      if (now - one.heardMs > idleMs - everyMs) one.by.lost();
      else {
        if (now - one.sentMs >= idleMs / BEATS - everyMs / 2) {
          one.sentMs = now;
          one.by.beat();
        }
      }
    }
    arm();
  };
  const arm = () => {
    if (cancel === null && watched.size > 0 && !closed) cancel = clock.after(everyMs, look);
  };
  return {
    add(id, by) {
      const one = { by, heardMs: clock.now(), sentMs: clock.now() };
      watched.set(id, one);
      arm();
      return {
        heard() {
          one.heardMs = clock.now();
        },
        sent() {
          one.sentMs = clock.now();
        },
        get heardMs() {
          return one.heardMs;
        },
      };
    },
    remove: (id) => void watched.delete(id),
    close() {
      closed = true;
      cancel?.();
      cancel = null;
    },
  };
}
