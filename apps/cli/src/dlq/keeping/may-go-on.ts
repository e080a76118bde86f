import { confirm, NOBODY_TO_ASK } from '../../operator/confirm.js';
import { mistake } from '../../operator/exit.js';
import type { Host } from '../../operator/host.js';

/**
 * Asks whoever sits at the terminal, unless `--yes` was said.
 *
 * @returns false for anything but yes
 * @throws {CommandFailure} in a pipe, where nobody can be asked
 */
export async function mayGoOn(question: string, yes: true | undefined, host: Host): Promise<boolean> {
  if (yes) return true;
  if (host.stdin.isTTY !== true) throw mistake(`${question} ${NOBODY_TO_ASK}.`);
  return await confirm(host, question);
}
