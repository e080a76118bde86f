import { PassThrough } from 'node:stream';
import { runOperator } from '../program/run-operator.js';

/** What a command printed, and how it ended. */
export interface Captured {
  readonly code: number;
  readonly stdout: string;
  /** The same as it was written. */
  readonly bytes: Buffer;
  readonly stderr: string;
}

/** How the command sees its process. */
export interface CapturedOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** True: both outputs are terminals. */
  readonly terminal?: boolean;
  /** How wide that terminal is; 120 when left out. */
  readonly columns?: number;
  /** What is typed; nothing when left out. */
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Hears all that was printed on stdout so far, whenever more of it comes. */
  readonly onOutput?: (stdout: string) => void;
}

/** Runs an operator's command in this process, as a shell would. */
export async function runCaptured(argv: readonly string[], options: CapturedOptions = {}): Promise<Captured> {
  const {
    environment = {},
    terminal = false,
    signal = new AbortController().signal,
    columns = 120,
    onOutput,
  } = options;
  const output = (heard?: (text: string) => void) => {
    const parts: Buffer[] = [];
    return {
      isTTY: terminal,
      columns,
      write(text: string | Buffer) {
        parts.push(Buffer.from(text));
        heard?.(Buffer.concat(parts).toString('utf8'));
      },
      bytes: () => Buffer.concat(parts),
      text: () => Buffer.concat(parts).toString('utf8'),
    };
  };
  const stdout = output(onOutput);
  const stderr = output();
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
  stdin.end(options.stdin ?? '');
  const code = await runOperator(argv, { stdin, stdout, stderr, environment, signal, version: '0.0.0' });
  return { code, stdout: stdout.text(), bytes: stdout.bytes(), stderr: stderr.text() };
}
