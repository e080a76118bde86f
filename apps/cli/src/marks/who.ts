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
