import { isRepeatable, isSafe } from '@kafka-http-proxy/protocol';
import type { Letter } from '../records/letter.js';
import type { Mark } from './mark.js';

/** What may be done about a letter; the first that fits, in this order. */
export const VERDICTS = [
  /** It holds the beginning of a body only. */
  'truncated',
  /** No usable request, or nothing says why it is here. */
  'unreadable',
  /** It was sent again as often as is allowed: the parking lot. */
  'exhausted',
  /** A safe method (RFC 9110 §9.2.1): nobody is waiting for the answer. */
  'read_only',
  /** The client got 503 with Retry-After, and nothing of the request ran: it has probably asked again by itself. */
  'told_to_retry',
  /** The backend may have carried it out, and a second time might count twice. */
  'may_have_run',
  /** Sending it again does what the client wanted, once. */
  'ready',
] as const;
/** @see {@link VERDICTS} */
export type Verdict = (typeof VERDICTS)[number];

/** What an operator has to say, so that letters are sent that are not by default. */
export type Consent = '--include-safe' | '--include-refused' | '--allow-repeat' | '--again';

/** Which {@link Consent} lets letters of a verdict go; null: none does, or none is needed. */
export const CONSENT_OF: Readonly<Record<Verdict, Consent | null>> = {
  truncated: null,
  unreadable: null,
  exhausted: null,
  read_only: '--include-safe',
  told_to_retry: '--include-refused',
  may_have_run: '--allow-repeat',
  ready: null,
};

/** Verdicts whose letters are never sent again, whatever is said. */
const NEVER: ReadonlySet<Verdict> = new Set(['truncated', 'unreadable', 'exhausted']);

/** What is known about a letter before anything is done. */
export interface Judgement {
  readonly verdict: Verdict;
  /** How it was settled; null while it is open. What is settled is hidden from lists, and needs `--again`. */
  readonly settled: Settled | null;
  /** How often its request was sent again so far. */
  readonly replays: number;
}

/**
 * `answered`, `sent` and `discarded` as in its last mark; `failed`: it was sent again, and what came of that is a letter of its
 * own, which is to be judged instead of this one.
 */
export type Settled = Exclude<Mark['state'], 'sending'>;

/** What a verdict rests on beside the letter. */
export interface JudgeOptions {
  /** Most replays of one request. {@link MAX_REPLAYS} when left out. */
  readonly maxReplays?: number;
}

/** `--max-replays`, when it is not said. */
export const MAX_REPLAYS = 3;

/**
 * Judges a letter.
 *
 * **Interrupted.** Where the last mark says `sending`, the run ended between the mark and what came of it: the request
 * may be in its topic, and may have been carried out. It then counts as sent, so one that may not be repeated is
 * `may_have_run`, also where the first try had not reached the backend. A method that is idempotent, or an
 * Idempotency-Key, makes a second time harmless (RFC 9110 §9.2.2): such a letter is judged as if it had no mark, and a
 * run that is started again goes on with it by itself.
 *
 * **Sent again.** A letter is settled by `answered`, `sent`, `discarded`, and by `failed` with a place, a code and a
 * status: a processor said that it failed, so it ends as a letter of its own, with a higher count. Sending this one too
 * would run it twice. `failed` without a place (too large, Kafka away) has sent nothing, so the letter stays open. It stays
 * open, and counts as sent, where nobody answered in time (no status): no processor may have read it; and where the
 * backend answered 500 or more, for which the processor writes no letter.
 *
 * @param mark the last one of this letter, by `markOf()`; null: none
 * @example
 * judge(readLetter(record), null).verdict; // 'ready'
 */
export function judge(letter: Letter, mark: Mark | null, options: JudgeOptions = {}): Judgement {
  const { maxReplays = MAX_REPLAYS } = options;
  const replays = Math.max(letter.replay?.n ?? 0, mark?.n ?? 0);
  return { verdict: verdictOf(letter, mark, replays >= maxReplays), settled: settledBy(mark), replays };
}

/** True where a letter may be sent with what the operator has said. */
export function maySend({ verdict, settled }: Judgement, consents: ReadonlySet<Consent>): boolean {
  if (NEVER.has(verdict) || (settled !== null && !consents.has('--again'))) return false;
  const needed = CONSENT_OF[verdict];
  return needed === null || consents.has(needed);
}

function verdictOf({ error, request }: Letter, mark: Mark | null, isExhausted: boolean): Verdict {
  if (error?.truncated || request?.more) return 'truncated';
  if (request === null || error === null) return 'unreadable';
  if (isExhausted) return 'exhausted';
  if (isSafe(request.method)) return 'read_only';
  // A letter of 2.0.0 does not say.
  const isUnsent = error.sent === 'no' && !wasSentAgain(mark);
  if (isUnsent && error.status === 503) return 'told_to_retry';
  return isUnsent || isRepeatable(request) ? 'ready' : 'may_have_run';
}

function settledBy(mark: Mark | null): Settled | null {
  if (mark === null || mark.state === 'sending') return null;
  const hasLetter = mark.to !== undefined && mark.code !== undefined && mark.status !== undefined;
  return mark.state === 'failed' && !hasLetter ? null : mark.state;
}

/** True where the request of a run may be in its topic. */
function wasSentAgain(mark: Mark | null): boolean {
  return mark !== null && (mark.state === 'sending' || mark.state === 'answered' || mark.to !== undefined);
}
