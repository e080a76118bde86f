import { createInterface } from 'node:readline/promises';
import type { Host } from './host.js';

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
