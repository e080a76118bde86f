import { strayWord } from '@kafka-http-proxy/service';
import type { Command } from 'commander';

/**
 * A sentence about a word that stands where one of a command's own words was expected, with the nearest one; null where
 * there is none. It is looked for first: options behind such a word are those of the word that was meant.
 */
export function strayIn(program: Command, argv: readonly string[]): string | null {
  let command = program;
  let hasValue = false;
  for (const word of argv) {
    if (word === '--') return null;
    if (hasValue) hasValue = false;
    else if (word.startsWith('-')) {
      hasValue = command.options.some((one) => (one.short === word || one.long === word) && one.required);
    } else {
      const inner = command.commands.find((one) => one.name() === word);
      if (inner !== undefined) command = inner;
      else if (command.commands.length === 0 || word === 'help') return null;
      else
        return strayWord(
          word,
          command.commands.map((one) => one.name()),
        );
    }
  }
  return null;
}
