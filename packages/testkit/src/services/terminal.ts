import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** True where a pseudo terminal can be had: by util-linux' `script`. */
export const hasTerminal =
  process.platform === 'linux' &&
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');

/** A command that believes it is at a terminal. */
export interface AtTerminal {
  /** All that it has printed so far, without colours. */
  text(): string;
  /** Resolves when it has printed `part`. @throws Error with what it printed, when it ends before */
  printed(part: string): Promise<void>;
  /** Presses Ctrl-C, and resolves with the exit code. */
  interrupt(): Promise<number>;
}

/** Starts a command at a pseudo terminal. */
export function startAtTerminal(command: readonly string[], env: Readonly<Record<string, string>>): AtTerminal {
  const line = `exec ${command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}`;
  const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
    env: { PATH: process.env.PATH, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close') as Promise<[number]>;
  let output = '';
  let grown = () => {};
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    grown();
  });
  const text = () => output.replaceAll(COLOURS, '').replaceAll('\r\n', '\n');
  return {
    text,
    async printed(part) {
      while (!text().includes(part)) {
        const more = new Promise<'more'>((resolve) => {
          grown = () => resolve('more');
        });
        if ((await Promise.race([more, ended])) !== 'more') throw new Error(`it ended without "${part}":\n${text()}`);
      }
    },
    async interrupt() {
      child.stdin.write('\x03');
      const [code] = await ended;
      return code;
    },
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is what colours begin with
const COLOURS = /\x1b\[[0-9;]*m/g;
