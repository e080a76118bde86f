import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Host } from './host.js';

/** What is said where a question has nobody to answer it; what else would do may follow. */
export const NOBODY_TO_ASK = 'Nobody can be asked here: say --yes';

/** Adds the option by which nothing is asked, of whatever asks. */
export function withYes(command: Command): Command {
  return command.option('-y, --yes', 'ask nothing; needed where nobody can be asked');
}

/**
 * Asks whoever sits at the terminal; the question goes to stderr.
 *
 * @returns true for yes; false for anything else, and when it is interrupted
 */
export async function confirm({ stdin, stderr, signal }: Host, question: string): Promise<boolean> {
  stderr.write(`${question} [y/N] `);
  // Without an output of its own it leaves the terminal as it is: Ctrl-C stays a signal.
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
      signal.addEventListener('abort', () => resolve(''), { once: true });
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
