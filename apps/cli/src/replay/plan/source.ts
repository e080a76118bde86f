import type { FoundLetter, StoredRecord } from '@kafka-http-proxy/operate';
import type { Letters } from '../../letters/open-letters.js';
import { type Fetched, fetchLetters } from './fetch.js';
import type { Planned } from './plan.js';

/** Where letters are read from: looked at once to make a plan, then read again to be sent. No body is kept meanwhile. */
export interface LetterSource {
  /** Hands over all, those of a partition in their order. */
  scan(onLetter: (found: FoundLetter) => void, signal: AbortSignal): Promise<void>;
  /** Reads those of a plan. */
  fetch(letters: readonly Planned[], signal: AbortSignal): AsyncIterable<Fetched>;
}

/** The dead-letter topic, as far as it went when it was opened. */
export function topicSource({ topic, inspector, scan }: Pick<Letters, 'topic' | 'inspector' | 'scan'>): LetterSource {
  return {
    scan: (onLetter, signal) => scan(onLetter, { signal }),
    fetch: (letters, signal) => fetchLetters(inspector, topic, letters, signal),
  };
}

/** What tells a letter from the others of its topic. */
export const placeKey = ({ partition, offset }: Pick<StoredRecord, 'partition' | 'offset'>): string =>
  `${partition}:${offset}`;
