import { type ExecFileOptions, execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from './paths.js';

const execute = promisify(execFile);
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Of what a program said, in an error. */
const TAIL_CHARACTERS = 4000;

/** What a program gets beside its arguments. */
export interface RunOptions {
  /** The root of the repository when left out. */
  readonly cwd?: string;
  /** All of its environment. Left out it is this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The program is killed after this time; it may run for ever when left out. */
  readonly timeoutMs?: number;
}

/**
 * Runs a program from the root of the repository to its end.
 *
 * @returns its standard output, without white space around it
 * @throws Error with what it said on both outputs
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { cwd = ROOT, env = process.env, timeoutMs } = options;
  const how: ExecFileOptions = { cwd, env: { ...env }, maxBuffer: MAX_OUTPUT_BYTES };
  if (timeoutMs !== undefined) how.timeout = timeoutMs;
  try {
    const { stdout } = await execute(command, args, { ...how, encoding: 'utf8' });
    return stdout.trim();
  } catch (cause) {
    const { code, signal, stdout = '', stderr = '' } = cause as ExecError;
    const said = `${stdout}${stderr}`.trim().slice(-TAIL_CHARACTERS) || String(cause);
    throw new Error(`${command.split('/').at(-1)} ${args.join(' ')} ended with ${code ?? signal}:\n${said}`, { cause });
  }
}

/** What `execFile` throws. */
interface ExecError {
  readonly code?: number | string | null;
  readonly signal?: string | null;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** The variables that programs need to find others and their settings: none of this project's keys is among them. */
export function bareEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
}
