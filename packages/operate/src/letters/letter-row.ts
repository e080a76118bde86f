import type { DeadLetterError } from '@kafka-http-proxy/protocol';
import type { Letter } from '../records/letter.js';
import type { RecordView } from '../records/record-view.js';
import type { Mark } from './mark.js';
import type { Judgement, Settled, Verdict } from './verdict.js';

/** A letter without its body and fields: small, so that very many can be held. Null is what it does not say. */
export interface LetterRow {
  readonly partition: number;
  readonly offset: number;
  /** When it was written, ms since the epoch. */
  readonly at: number;
  /** What the backend knows the request by, where the bridge named it. */
  readonly id: string | null;
  readonly method: string | null;
  /** Its beginning, where it is long. */
  readonly target: string | null;
  /** The request topic. */
  readonly topic: string | null;
  readonly code: DeadLetterError['code'] | null;
  /** Null as well for a letter of 2.0.0. */
  readonly sent: NonNullable<DeadLetterError['sent']> | null;
  /** What the client was told. */
  readonly status: number | null;
  readonly verdict: Verdict;
  readonly settled: Settled | null;
  readonly replays: number;
  /** Bytes of the body. */
  readonly bytes: number;
}

/** A letter as it was found, with all that is known of it. */
export interface FoundLetter {
  readonly view: RecordView;
  readonly letter: Letter;
  readonly mark: Mark | null;
  readonly judgement: Judgement;
}

/** Longest target that is kept, characters. */
const MAX_TARGET = 300;
/** Longest method that is kept, characters. */
const MAX_METHOD = 40;

/** A text that was seen already, as the one that is in memory; see {@link createSameTexts}. */
export type SameText = (text: string) => string;

/** Most texts that {@link createSameTexts} remembers: strangers name methods and targets. */
const MAX_TEXTS = 10_000;

/** Of very many letters, few have a method, a target or a topic that no other has: each is kept once. */
export function createSameTexts(): SameText {
  const texts = new Map<string, string>();
  return (text) => {
    const known = texts.get(text);
    if (known === undefined && texts.size < MAX_TEXTS) texts.set(text, text);
    return known ?? text;
  };
}

/**
 * The row of a letter. It holds on to nothing of the record.
 *
 * @param same of `createSameTexts()`, where very many are kept
 */
export function letterRow({ view, letter, judgement }: FoundLetter, same: SameText = (text) => text): LetterRow {
  const { error, replay, record } = letter;
  const { partition, offset, timestampMs: at, value } = record;
  return {
    partition,
    offset,
    at,
    id: replay?.id ?? view.id,
    method: view.method === null ? null : same(cut(view.method, MAX_METHOD)),
    target: view.target === null ? null : same(cut(view.target, MAX_TARGET)),
    topic: error === null ? null : same(error.topic),
    code: error === null ? null : (same(error.code) as typeof error.code),
    sent: error?.sent ?? null,
    status: error?.status ?? null,
    // Written out: an object that is put together of others takes more memory.
    verdict: judgement.verdict,
    settled: judgement.settled,
    replays: judgement.replays,
    bytes: value?.length ?? 0,
  };
}

/** A copy of the beginning: a slice would keep the whole text in memory. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${Buffer.from(text.slice(0, length - 1), 'latin1').toString('latin1')}…`;
}
