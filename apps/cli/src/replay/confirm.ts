import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { printableLines } from '@kafka-http-proxy/operate';
import { mistake } from '../operator/exit.js';
import type { Host } from '../operator/host.js';

/**
 * Asks on the terminal. Where there is none, nobody can answer: `--yes` has to be said.
 *
 * @throws CommandFailure without a terminal; AbortError, when it is interrupted
 */
export async function confirmed(question: string, { stdin, stderr, signal }: Host): Promise<boolean> {
  if (stdin.isTTY !== true) throw mistake(`${question}\nNobody can be asked here: say --yes, or --dry-run.`);
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      stderr.write(chunk);
      done();
    },
  });
  const asking = createInterface({ input: stdin, output });
  try {
    const closed = new Promise<string>((resolve) => asking.once('close', () => resolve('')));
    const answer = await Promise.race([asking.question(`${printableLines(question)} [y/N] `, { signal }), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
}
