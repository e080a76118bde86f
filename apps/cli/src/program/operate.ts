import { EXIT } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { runOperator } from './run-operator.js';

/**
 * Runs an operator's command in this process. The first Ctrl-C lets it end in its own way, the second ends it.
 *
 * @returns the exit code, when all that was printed is out
 */
export async function operate(argv: readonly string[], version: string): Promise<number> {
  return await inThisProcess(version, (host) => runOperator(argv, host));
}

/** Answers a shell that completes a line. @param argv the words of the line @returns the exit code */
export async function answerShell(argv: readonly string[], version: string): Promise<number> {
  return await inThisProcess(version, async (host) => {
    const { complete } = await import('./complete.js');
    host.stdout.write(await complete(argv, host));
    return EXIT.done;
  });
}

async function inThisProcess(version: string, work: (host: Host) => Promise<number>): Promise<number> {
  const stopping = new AbortController();
  const stop = () => (stopping.signal.aborted ? process.exit(EXIT.interrupted) : stopping.abort());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Until now a signal would have ended the process with 0: there was nothing to finish.
    process.removeAllListeners(signal);
    process.on(signal, stop);
  }
  const { stdin, stdout, stderr, env: environment } = process;
  const code = await work({ stdin, stdout, stderr, environment, signal: stopping.signal, version });
  // A pipe takes what it is given later; an exit would cut it.
  // 'drain' comes only to who was told to wait; a write more, of nothing, is done when all before it are.
  if (stdout.writableLength > 0) await new Promise<void>((resolve) => stdout.write('', () => resolve()));
  return code;
}
