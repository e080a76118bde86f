import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended, with all it printed. */
export interface Finished {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end. @throws Error naming it, when it is not installed */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (cause) => reject(new Error(`${command} could not be run: is it installed?`, { cause })));
    child.once('exit', (code) => resolve({ code: code ?? -1, output }));
  });
}

/** {@link runProgram} for one that must succeed. @throws Error with what it printed */
export async function mustRun(...call: Parameters<typeof runProgram>): Promise<string> {
  const { code, output } = await runProgram(...call);
  if (code !== 0) throw new Error(`${call[0]} ${call[1].join(' ')} ended with ${code}:\n${output.slice(-4000)}`);
  return output;
}

/** A server of others. */
export interface OtherServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a server that takes a free port and tells it on its standard error.
 *
 * @param told what it prints; the first group is the port
 * @throws Error with what it printed, when it ends before
 */
export async function startServer(
  command: string,
  args: readonly string[],
  told: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<OtherServer> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  let output = '';
  const port = await new Promise<string>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${command} could not be run: is it installed?`, { cause })));
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code} before it served:\n${output}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
      const [, found] = told.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill();
      await exited;
    },
  };
}
