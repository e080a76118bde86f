import { cpus, release, totalmem, type } from 'node:os';

/** Where a run was made: figures of different machines are not to be compared. */
export function machine(): Record<string, string | number> {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? 'unknown',
    cpus: all.length,
    memoryMiB: Math.round(totalmem() / 1_048_576),
    system: `${type()} ${release()}`,
    node: process.version,
  };
}
