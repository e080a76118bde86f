import { randomUUID } from 'node:crypto';

const PREFIX = 'khp-command-';
const NAME = new RegExp(`^${PREFIX}[0-9a-f-]{36}$`);

/**
 * An `instance_id` for a command that reads replies for a moment: proxies take it for no proxy.
 *
 * @example
 * const instanceId = passingInstance(); // 'khp-command-…'
 */
export function passingInstance(): string {
  return PREFIX + randomUUID();
}

/** True for the name of such a command. */
export function isPassing(instance: string): boolean {
  return NAME.test(instance);
}
