import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Output } from '../operator/host.js';

/** Resolves when an output has taken what it was given: who prints very much waits, or a slow pipe fills the memory. */
export async function drained(output: Output & Partial<Pick<Writable, 'writableNeedDrain'>>): Promise<void> {
  if (output.writableNeedDrain) await once(output as Writable, 'drain');
}
