import { type FoundLetter, hasId } from '@kafka-http-proxy/operate';
import { mistake } from '../operator/exit.js';

/** Letters that were named one by one. */
export interface Selection {
  /** By partition and offset: `0:41`. */
  readonly places: ReadonlySet<string>;
  /** By id, as `hasId` has it. */
  readonly ids: readonly string[];
}

/** What shown ids are made of: a shorter beginning would be anybody's. */
const ID = /^[\x21-\x7e]{4,128}$/;

/**
 * Reads names of letters: `0@41`, `failed-requests/0@41`, or the id that the backend got, or its beginning.
 *
 * @param topic of the letters
 * @throws {CommandFailure} for what names none, or one of another topic
 */
export function selectionOf(words: readonly string[], topic: string): Selection {
  const places = new Set<string>();
  const ids: string[] = [];
  for (const word of words) {
    const [, named, partition, offset] = /^(?:(.+)\/)?(\d{1,10})@(\d{1,16})$/.exec(word) ?? [];
    if (partition !== undefined) {
      if (named !== undefined && named !== topic) {
        throw mistake(`${JSON.stringify(word)} is in another topic than ${topic}: name that by --dead-letter-topic`);
      }
      places.add(`${Number(partition)}:${Number(offset)}`);
    } else if (ID.test(word)) ids.push(word);
    else throw mistake(`partition@offset or an id was expected, ${JSON.stringify(word)} was found`);
  }
  return { places, ids };
}

/** True where nothing was named. */
export function isEmpty({ places, ids }: Selection): boolean {
  return places.size === 0 && ids.length === 0;
}

/** True for a letter that was named. */
export function isNamed({ places, ids }: Selection, { view, letter }: FoundLetter): boolean {
  const { partition, offset } = letter.record;
  if (places.has(`${partition}:${offset}`)) return true;
  return ids.some((id) => hasId(view, id));
}
