import type { Entry } from '../records/entry.js';
import { type OpenPair, type Pair, pairOf } from './pair.js';

/** Joins requests to their replies, records of all topics coming in about the order of their times. */
export interface Pairs {
  /** Takes a record of any kind, and gives the pairs that are complete by it. */
  add(entry: Entry): Pair[];
  /** Those without a reply whose deadline has passed at a time, ms since the epoch. */
  expired(nowMs: number): Pair[];
  /** All that are open, oldest first, as they are at a time. Nothing is left. */
  rest(nowMs: number): Pair[];
  /** Requests that wait for a reply, or for its end. */
  readonly open: number;
  /** How many requests were given up since too many were open. */
  readonly givenUp: number;
}

/** How much is remembered, and for how long. */
export interface PairsOptions {
  /** Most requests that are followed at once, and most records that wait for their request. The oldest go. */
  readonly maxOpen: number;
  /**
   * How far behind its deadline a reply is still waited for, ms: clocks differ, topics are read one beside the other.
   * 2 s when left out.
   */
  readonly graceMs?: number;
}

/**
 * A request is open from its record until the last one of its reply. A reply that comes before its request waits for
 * it; one whose request is never seen is forgotten.
 *
 * @example
 * const pairs = createPairs({ maxOpen: 10_000 });
 * for (const entry of entries) for (const pair of pairs.add(entry)) print(pair);
 * for (const pair of pairs.rest(Date.now())) print(pair);
 */
export function createPairs({ maxOpen, graceMs = 2000 }: PairsOptions): Pairs {
  const open = new Map<string, OpenPair>();
  // A list for each request, in the order in which the first of them came.
  const early = new Map<string, Entry[]>();
  let earlyCount = 0;
  let givenUp = 0;

  const keep = (id: string, entry: Entry): void => {
    const list = early.get(id);
    if (list === undefined) early.set(id, [entry]);
    else list.push(entry);
    earlyCount++;
    for (const [oldest, entries] of early) {
      if (earlyCount <= maxOpen) break;
      early.delete(oldest);
      earlyCount -= entries.length;
    }
  };

  const begin = (id: string, request: Entry): Pair[] => {
    // The same id again is no second request: an id is made once.
    if (open.has(id)) return [];
    const made: OpenPair = { request, reply: null, lastMs: 0, bytes: 0, isWhole: false, cutBy: null, letter: null };
    open.set(id, made);
    const waiting = early.get(id) ?? [];
    early.delete(id);
    earlyCount -= waiting.length;
    const done = waiting.flatMap((entry) => continuePair(id, made, entry));
    const [oldest] = open;
    if (open.size <= maxOpen || oldest === undefined) return done;
    open.delete(oldest[0]);
    givenUp++;
    return [...done, pairOf(oldest[1], 'given_up')];
  };

  const continuePair = (id: string, pair: OpenPair, entry: Entry): Pair[] => {
    take(pair, entry);
    if (!pair.isWhole && pair.cutBy === null) return [];
    open.delete(id);
    return [pairOf(pair)];
  };

  return {
    get open() {
      return open.size;
    },
    get givenUp() {
      return givenUp;
    },
    add(entry) {
      const { kind, correlationId: id } = entry;
      if (id === null) return [];
      if (kind === 'request') return begin(id, entry);
      if (kind !== 'reply' && kind !== 'part' && kind !== 'letter') return [];
      const pair = open.get(id);
      if (pair !== undefined) return continuePair(id, pair, entry);
      keep(id, entry);
      return [];
    },
    expired(nowMs) {
      const found: Pair[] = [];
      for (const [id, pair] of open) {
        if (!isOver(pair, nowMs - graceMs)) continue;
        open.delete(id);
        found.push(pairOf(pair, 'unanswered'));
      }
      return found;
    },
    rest(nowMs) {
      const left = [...open.values()];
      open.clear();
      early.clear();
      earlyCount = 0;
      return left.map((pair) => pairOf(pair, hasNoReply(pair, nowMs) ? 'unanswered' : undefined));
    },
  };
}

/** What a record says of its request. */
function take(pair: OpenPair, entry: Entry): void {
  if (entry.kind === 'letter') {
    pair.letter = entry;
    return;
  }
  const { sequence } = entry;
  if (pair.reply === null) {
    // Parts of a reply come behind its head, in the same partition: those of the request are not the reply's.
    if (entry.kind !== 'reply') return;
    pair.reply = entry;
  } else if (entry.kind !== 'part' || sequence?.exec !== pair.reply.sequence?.exec) return;
  pair.lastMs = entry.timeMs;
  pair.bytes += entry.bytes;
  pair.isWhole = sequence === null || sequence.isLast;
  if (entry.kind === 'part') pair.cutBy = entry.code;
}

/** The deadline bounds the first record of the reply; an upload starts it again with each part. */
function isOver(pair: OpenPair, nowMs: number): boolean {
  return hasNoReply(pair, nowMs) && pair.request.sequence === null;
}

function hasNoReply({ request: { deadlineMs }, reply }: OpenPair, nowMs: number): boolean {
  return reply === null && deadlineMs !== null && deadlineMs < nowMs;
}
