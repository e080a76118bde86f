import { createWithin, type FoundLetter } from '@kafka-http-proxy/operate';
import { type FilterFlags, filterOf } from '../filters/options.js';
import { boundsOf, noteAssumedUtc } from '../filters/times.js';
import type { Printer } from '../output/printer.js';
import type { Letters } from './open-letters.js';

/**
 * Reads the filters for their mistakes alone: before Kafka is asked for anything, which may be away.
 *
 * @throws {FilterMistake}, {TimeMistake}, {CommandFailure} about what was typed
 */
export function judgeFilters(flags: FilterFlags): void {
  filterOf(flags);
  boundsOf(flags, Date.now());
}

/**
 * True for letters that the filters ask for; their times are those of the letters: when they failed.
 *
 * @throws {FilterMistake}, {TimeMistake}, {CommandFailure} about what was typed
 */
export function wantedLetters(
  flags: FilterFlags,
  { ranges }: Pick<Letters, 'ranges'>,
  print: Printer,
): (found: FoundLetter) => boolean {
  const matches = filterOf(flags);
  const bounds = boundsOf(flags, Date.now());
  noteAssumedUtc(bounds, print);
  const ends = new Map(ranges.map((range) => [range.partition, range]));
  const isWithin = createWithin(bounds, (partition) => ends.get(partition));
  return ({ view }) => isWithin(view.record) && matches(view);
}
