import type { Command } from 'commander';
import { type ConnectionFlags, withConnection } from '../connection/options.js';
import { type FilterFlags, withFilters } from '../filters/options.js';
import { type OutputFlags, withOutput } from '../output/options.js';
import { type LetterFlags, withLetters } from './options.js';

/** What `dlq` and all of its words take. */
export type DlqFlags = ConnectionFlags & LetterFlags & OutputFlags;

/** What those take that look for letters. */
export type SearchFlags = DlqFlags & FilterFlags & { readonly all?: true };

/** Adds what all words take. */
export function withCommon(command: Command): Command {
  return withOutput(withLetters(withConnection(command)));
}

/** {@link withCommon}, and what those take that look for letters. */
export function withSearch(command: Command): Command {
  return withFilters(withCommon(command)).option('--all', 'settled letters too: answered, sent again, discarded');
}

/** The flags of a word, and those that were typed before it: `dlq -b kafka:9092 list`. */
export function flagsOf<F>(command: Command): F {
  return { ...command.parent?.opts(), ...command.opts() } as F;
}
