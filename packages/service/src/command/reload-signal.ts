import type { HostProcess } from './host-process.js';

/**
 * Hears SIGHUP, which asks a service for its configuration anew. On a terminal it ends the process, as it does by
 * itself: the terminal is gone.
 *
 * @returns ends the hearing
 */
export function onReloadSignal(host: HostProcess, ask: () => void): () => void {
  const { stdin, stdout, stderr } = host;
  if (stdin?.isTTY === true || stdout.isTTY === true || stderr.isTTY === true) return () => undefined;
  host.on('SIGHUP', ask);
  return () => void host.off('SIGHUP', ask);
}
