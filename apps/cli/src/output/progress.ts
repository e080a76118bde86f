import type { Output } from '../operator/host.js';

/** How far something has come. */
export interface Progress {
  /** @param state what else is to be seen: `answered 301  failed 11` */
  at(done: number, state?: string): void;
  /** Takes the bar away. */
  end(): void;
}

/** For a pipe. */
export const QUIET_PROGRESS: Progress = { at: () => undefined, end: () => undefined };

/** A bar on a terminal, which {@link Progress.end} removes. */
export async function createProgress(stderr: Output, what: string, total: number): Promise<Progress> {
  const { SingleBar } = await import('cli-progress');
  const bar = new SingleBar({
    stream: stderr as NodeJS.WriteStream,
    format: `${what} {value}/{total}  {state}  ETA {eta_formatted}`,
    clearOnComplete: true,
    hideCursor: true,
    fps: 5,
  });
  bar.start(total, 0, { state: '' });
  return {
    at: (done, state = '') => void bar.update(done, { state }),
    end: () => bar.stop(),
  };
}
