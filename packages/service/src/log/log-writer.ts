import type { Writable } from 'node:stream';
import type { DestinationStream } from 'pino';

/*
 * The log goes to a reader outside, who may stall: a collector that hangs, a terminal that is stopped. A write that
 * waits for it would stop everything, /health and SIGTERM included. So lines are queued up to a bound, beyond it they
 * are dropped and counted; the reader learns how many once it reads again.
 */

/** What is written to: `process.stdout`. A pipe is not waited for; nor is a terminal that was set to non-blocking. */
export type LogTarget = Pick<Writable, 'write' | 'writableLength' | 'on' | 'off'>;

/** Where lines go, and how many bytes of them are kept. */
export interface LogWriterOptions {
  readonly target: LogTarget;
  /** Gets what was said last, where the target did not take it in time. */
  readonly lastResort: { write(text: string): unknown };
  /** Makes of a line of JSON what is written; as it is when left out. */
  readonly format?: (line: string) => string;
  /** Most that waits for the reader, bytes. */
  readonly maxBytes?: number;
}

/** Where a logger writes to; never waits. */
export interface LogWriter extends DestinationStream {
  /**
   * Takes lines that give way to others, each with its end: where the reader is behind by more than half of the room,
   * they are dropped and counted, so that what is logged of failures still fits.
   */
  offer(lines: readonly string[]): void;
  /** Lines that were lost so far. */
  readonly dropped: () => number;
  /** `told` is called, with how many lines were dropped, when lines are taken again. It may write. */
  onResumed(told: (lines: number) => void): void;
  /**
   * Waits until all has been taken, `limitMs` at most; then lines that report an end go to the last resort.
   *
   * @returns true when all was taken
   */
  flush(limitMs: number): Promise<boolean>;
}

/** Some thousands of lines: what a collector that restarts should find. */
const MAX_BYTES = 1_048_576;
/** Room above it for lines that report an end, bytes. */
const RESERVE_BYTES = 65_536;
/** How pino begins a line that reports an end. */
const FATAL = '{"level":"fatal"';

/**
 * Writes lines to a stream that need not be read.
 *
 * @example
 * const writer = createLogWriter({ target: process.stdout, lastResort: process.stderr });
 * writer.write('{"level":"info","msg":"ready"}\n');
 */
export function createLogWriter({
  target,
  lastResort,
  format = (line) => line,
  maxBytes = MAX_BYTES,
}: LogWriterOptions): LogWriter {
  const lastWords = new Set<string>();
  let lost = 0;
  /** Lines dropped since the last report. */
  let untold = 0;
  /** Those that were only offered: what is written still fits. */
  let passedOver = 0;
  let resumed: (lines: number) => void = () => {};

  const written = (error?: Error | null): void => {
    if (error) lost++;
  };
  const drop = (): void => {
    lost++;
    untold++;
  };
  const resume = (): void => {
    const lines = untold + passedOver;
    if (lines === 0) return;
    untold = 0;
    passedOver = 0;
    resumed(lines);
  };
  const put = (line: string, settled: (error?: Error | null) => void): void => {
    try {
      target.write(line, settled);
    } catch (error) {
      settled(error as Error);
    }
  };

  target.on('drain', resume);
  // A reader that went away (EPIPE) or a full disk: each line's own callback counts it.
  target.on('error', () => {});

  return {
    write(line) {
      if (line.startsWith(FATAL)) {
        if (target.writableLength > maxBytes + RESERVE_BYTES) return drop();
        const text = format(line);
        lastWords.add(text);
        put(text, (error) => (error ? written(error) : lastWords.delete(text)));
        return;
      }
      // Once lines are dropped, half of the room has to be free before more are taken: else each would bring a count.
      if (untold > 0 && target.writableLength <= maxBytes / 2) resume();
      if (untold > 0 || target.writableLength + line.length > maxBytes) return drop();
      put(format(line), written);
    },
    offer(lines) {
      const text = lines.length === 1 ? (lines[0] as string) : lines.join('');
      // Once lines are dropped there has to be more room before others are taken: else each would bring a count.
      if (target.writableLength + text.length > maxBytes / (passedOver > 0 ? 4 : 2)) {
        lost += lines.length;
        passedOver += lines.length;
        return;
      }
      if (passedOver > 0) resume();
      put(lines.some((line) => line.startsWith('{')) ? lines.map(format).join('') : text, (error) => {
        if (error) lost += lines.length;
      });
    },
    dropped: () => lost,
    onResumed(told) {
      resumed = told;
    },
    async flush(limitMs) {
      const endMs = performance.now() + limitMs;
      let taken = await takenWithin(target, limitMs);
      resume();
      if (taken) taken = await takenWithin(target, endMs - performance.now());
      if (!taken) for (const line of lastWords) lastResort.write(line);
      return taken;
    },
  };
}

/** Resolves when the target holds nothing more (true), or when the time is over. */
function takenWithin(target: LogTarget, limitMs: number): Promise<boolean> {
  if (target.writableLength === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limitMs);
    // An empty text is behind all that waits.
    target.write('', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
