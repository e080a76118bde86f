import type { EventEmitter } from 'node:events';

/** What is printed to, as Node's `process.stdout`. */
export type Printed = Pick<EventEmitter, 'on'>;

/**
 * Ends a command whose reader has seen enough (`kafka-proxy --help | head`) without a word: Node would print a
 * stack of EPIPE. Other errors of the stream stay errors.
 */
export function endAtClosedPipe(stdout: Printed, exit: (code: number) => unknown): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    exit(0);
  });
}
