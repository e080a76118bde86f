import type { Entry } from '../records/entry.js';

/**
 * How a request ended, by what its topics hold:
 *
 * - `answered`: its reply is there, to its end.
 * - `late`: so it is, but its first record was written behind the deadline: the client had a 504 already. Not of a 504.
 * - `cut`: its reply broke off.
 * - `streaming`: its reply goes on.
 * - `waiting`: no reply yet, and there is time.
 * - `unanswered`: no reply until its deadline.
 * - `given_up`: so many were open that this one is not followed any more.
 */
export type PairOutcome = 'answered' | 'late' | 'cut' | 'streaming' | 'waiting' | 'unanswered' | 'given_up';

/** A request and its reply. */
export interface Pair {
  readonly request: Entry;
  /** First record of the reply; null: none. */
  readonly reply: Entry | null;
  readonly outcome: PairOutcome;
  readonly status: number | null;
  /** Of the bridge's own failure: of the reply, else of the dead letter, else `timeout` behind the deadline. */
  readonly code: string | null;
  /** Of the reply's body, all its records together. */
  readonly bytes: number;
  /** What of the round trip was neither the backend's nor the processor's: Kafka, and waiting for its turn. Null: not said. */
  readonly queueMs: number | null;
  /** From taking the request up to the first record of its reply. Null: not said, as in version 1. */
  readonly backendMs: number | null;
  /** From the request's record to the last one of its reply; null without a reply. */
  readonly totalMs: number | null;
}

/** What is known of a request while it is open. */
export interface OpenPair {
  readonly request: Entry;
  reply: Entry | null;
  /** Time of the last record of the reply that was seen, ms since the epoch. */
  lastMs: number;
  bytes: number;
  isWhole: boolean;
  /** Code of what broke the reply off. */
  cutBy: string | null;
  /** Of the dead letter. */
  letter: Entry | null;
}

/** What a request has come to. @param outcome where it is not told by the reply */
export function pairOf(open: OpenPair, outcome?: PairOutcome): Pair {
  const { request, reply, letter } = open;
  const found = outcome ?? outcomeOf(open);
  const backendMs = reply?.tookMs ?? null;
  // Clocks of two machines: what comes out negative was nothing.
  const since = (ms: number) => Math.max(0, ms - request.timeMs);
  return {
    request,
    reply,
    outcome: found,
    status: reply?.status ?? null,
    code: open.cutBy ?? reply?.code ?? letter?.code ?? (found === 'unanswered' ? 'timeout' : null),
    bytes: open.bytes,
    queueMs: reply === null || backendMs === null ? null : Math.max(0, since(reply.timeMs) - backendMs),
    backendMs,
    totalMs: reply === null ? null : since(open.lastMs),
  };
}

function outcomeOf({ request, reply, isWhole, cutBy }: OpenPair): PairOutcome {
  if (reply === null) return 'waiting';
  if (cutBy !== null) return 'cut';
  if (!isWhole) return 'streaming';
  // A 504 of the processor comes with the deadline; the client's own said the same.
  const isLate = request.deadlineMs !== null && reply.timeMs > request.deadlineMs && reply.status !== 504;
  return isLate ? 'late' : 'answered';
}
