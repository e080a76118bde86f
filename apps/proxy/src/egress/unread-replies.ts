import type { MemoryBudget } from '@kafka-http-proxy/streams';

/** A whole reply, or one that streams, that its client has not taken yet. */
export interface UnreadReply {
  /** How long its client has taken nothing of it, ms. */
  stillMs(): number;
  /** Cuts it, and gives its bytes back at once. */
  cut(): void;
}

/** Replies that are written: what they hold, and who goes first where that is too much. */
export interface UnreadReplies {
  /** Reserves room for a reply, at the expense of those that stand still; false when there is none. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
  /** Counts a stream of a request topic in, at the expense of those that stand still; false when it can't be. */
  enter(topic: string): boolean;
  addStream(reply: UnreadReply): void;
  removeStream(reply: UnreadReply): void;
  /** It was not taken at once. */
  add(reply: UnreadReply): void;
  remove(reply: UnreadReply): void;
}

/** A client that took nothing for this long makes way, ms. */
const STILL_MS = 1000;

/**
 * Counts what written replies hold in the budget.
 *
 * @example
 * const unread = createUnreadReplies(budget);
 * if (unread.reserve(bytes)) response.once('close', () => unread.release(bytes));
 */
export function createUnreadReplies(
  budget: Pick<MemoryBudget, 'reserve' | 'release' | 'enter' | 'crowded'>,
): UnreadReplies {
  const unread = new Set<UnreadReply>();
  const streams = new Set<UnreadReply>();
  /** Cuts the one that stands still longest; false when none does. */
  const makeRoom = (among: Set<UnreadReply>): boolean => {
    let stillest: UnreadReply | null = null;
    let longestMs = STILL_MS;
    for (const reply of among) {
      const stillMs = reply.stillMs();
      if (stillMs < longestMs) continue;
      stillest = reply;
      longestMs = stillMs;
    }
    if (stillest === null) return false;
    among.delete(stillest);
    stillest.cut();
    return true;
  };
  return {
    reserve(bytes) {
      while (!budget.reserve('reply', bytes)) if (!makeRoom(unread)) return false;
      return true;
    },
    enter(topic) {
      while (!budget.enter(topic)) if (!budget.crowded || !makeRoom(streams)) return false;
      return true;
    },
    addStream: (reply) => void streams.add(reply),
    removeStream: (reply) => void streams.delete(reply),
    release: (bytes) => budget.release('reply', bytes),
    add: (reply) => void unread.add(reply),
    remove: (reply) => void unread.delete(reply),
  };
}
