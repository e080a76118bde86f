import { basename, join } from 'node:path';
import { cached } from './cached.js';
import { mustRun } from './program.js';

/**
 * Path of a program that Go builds on first use and that is kept in the user's cache.
 *
 * @param command the import path of its main package, as `go install` has it
 * @throws Error when Go is missing, or with what it printed
 */
export function goTool(name: string, command: string, version: string): Promise<string> {
  return cached(`${name}-${version}`, async (draft) => {
    // Outside of the repository, whatever Go finds there.
    await mustRun('go', ['install', `${command}@${version}`], { cwd: draft, env: { GOBIN: draft } });
    // Go leaves the major version at the end of a path out of the program's name.
    return join(draft, basename(command.replace(/\/v\d+$/, '')));
  });
}
