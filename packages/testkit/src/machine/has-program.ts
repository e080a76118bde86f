import { spawnSync } from 'node:child_process';

/**
 * True where a program can be started. The test command of the README asks for Node alone: what needs more is left out
 * there, and not on Apache Kafka, where CI has it all.
 */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version']).error === undefined;
}
