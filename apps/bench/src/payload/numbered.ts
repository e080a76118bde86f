import { createHash } from 'node:crypto';

/*
 * A finite stream of numbered lines: which stream, which execution of it, which line, and a checksum
 * of these. The last line repeats how many there were. A reply that was put together out of two
 * executions, or that lost a line, can't pass for a whole one.
 */

export interface NumberedLine {
  readonly stream: number;
  /** Made anew each time the backend is asked. */
  readonly execution: string;
  readonly number: number;
}

export function formatLine(line: NumberedLine): string {
  const fields = `${line.stream} ${line.execution} ${line.number}`;
  return `${fields} ${checksum(fields)}\n`;
}

export function formatLast(line: NumberedLine): string {
  const fields = `${line.stream} ${line.execution} ${line.number} end`;
  return `${fields} ${checksum(fields)}\n`;
}

function checksum(fields: string): string {
  return createHash('sha256').update(fields).digest('hex').slice(0, 32);
}

/**
 * How a stream ended, as its client saw it.
 *
 * `complete`: all lines, and the end. `cut`: right as far as it went, and the client saw an error.
 * `refused`: another status than 200, or no answer. `short`: ended as if complete, lines are missing.
 * `spliced`: lines of another execution, stream or place. `hung`: neither ended nor cut in time.
 */
export type Verdict = 'complete' | 'cut' | 'refused' | 'short' | 'spliced' | 'hung';

/** How the connection ended: `closed` as HTTP has it for a whole reply, `error` otherwise, `hung` not at all. */
export type StreamEnd = 'closed' | 'error' | 'hung';

export interface NumberedCheck {
  push(chunk: Buffer): void;
  verdict(end: StreamEnd): Verdict;
}

export function createNumberedCheck(stream: number): NumberedCheck {
  let rest = '';
  let execution: string | undefined;
  let next = 0;
  let ended = false;
  let wrong = false;

  const take = (line: string): void => {
    const fields = line.slice(0, line.lastIndexOf(' '));
    const [ofStream, ofExecution, number, last] = fields.split(' ');
    execution ??= ofExecution;
    const fits =
      !ended &&
      line === `${fields} ${checksum(fields)}` &&
      Number(ofStream) === stream &&
      ofExecution === execution &&
      Number(number) === next;
    if (!fits) wrong = true;
    if (last === 'end') ended = true;
    else next++;
  };
  return {
    push(chunk) {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    },
    verdict(end) {
      if (wrong) return 'spliced';
      if (end === 'hung') return 'hung';
      if (end === 'error') return 'cut';
      return ended && rest === '' ? 'complete' : 'short';
    },
  };
}
