import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { bareEnvironment } from '../machine/run.js';

/** The demo, as somebody started it in a terminal. */
export interface Demo {
  /** The URL that it tells people to try. */
  readonly url: string;
  /** Sends Ctrl-C as a terminal does: to the whole process group. Resolves when nothing of it is left. */
  interrupt(): Promise<void>;
}

const POLL_MS = 50;

/** Starts a command that runs the demo, and waits until it says how to try it. @throws Error with what it printed */
export async function startDemo(command: string, args: readonly string[], cwd: string): Promise<Demo> {
  const env = bareEnvironment();
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const url = await Promise.race([urlOf(child), exited.then((code) => `ended with ${code}`)]);
  if (!url.startsWith('http')) throw new Error(`${command} ${args.join(' ')} ${url}`);
  return {
    url,
    async interrupt() {
      process.kill(-(child.pid as number), 'SIGINT');
      await exited;
      await gone(child.pid as number);
    },
  };
}

/** From `Try it: curl … 'http://…'`; all of its output where it ends before. */
async function urlOf(child: ChildProcess): Promise<string> {
  let output = '';
  if (child.stdout === null) return output;
  for await (const line of createInterface(child.stdout)) {
    output += `${line}\n`;
    const [, url] = /^Try it: .*'(http[^']*)'/.exec(line) ?? [];
    if (url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  return `ended:\n${output}`;
}

/** Resolves when no process of a group is left; the caller has a time limit. */
async function gone(group: number): Promise<void> {
  for (;;) {
    try {
      process.kill(-group, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
