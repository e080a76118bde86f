import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';

/** Longest that a mark has room for, characters. */
const MAX_WHO = 256;

/** Who does it: user@host. */
export function whoRuns(): string {
  return `${userName()}@${hostname()}`.slice(0, MAX_WHO);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that its passwd does not have.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Names a run, so that those of a day are in their order: `20261128-1702-9f3a`. */
export function newRun(now = new Date()): string {
  const [day = '', time = ''] = now.toISOString().split('T');
  return `${day.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}-${randomBytes(2).toString('hex')}`;
}
