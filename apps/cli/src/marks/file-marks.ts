import { type FileHandle, open, readFile } from 'node:fs/promises';
import { Mark, markKey } from '@kafka-http-proxy/operate';
import { CommandFailure } from '../operator/exit.js';
import { collectMarks, type LetterPlace, type MarkReading, type MarkStore } from './mark-store.js';

/** Only who made it may read it: it says who did what. */
const MODE = 0o600;

/**
 * Marks in a file, for who may not write to the marks topic: a line of JSON each, `{"topic","letter","mark"}`, of any
 * number of dead-letter topics. What others do is not seen in it.
 *
 * @throws {CommandFailure} when the file can't be read or written
 */
export async function openFileMarks(path: string, deadLetterTopic: string, reading: MarkReading): Promise<MarkStore> {
  const { marks, take } = collectMarks(reading);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw failure(path, error);
  });
  const lines = text.split('\n');
  for (const line of lines) {
    const read = lineOf(line);
    if (read?.topic === deadLetterTopic) take(read.letter, read.mark);
  }
  let file: FileHandle | undefined;
  let count = lines.length - 1;
  // Who was killed while writing left half a line.
  let before = text === '' || text.endsWith('\n') ? '' : '\n';
  let last: Promise<unknown> = Promise.resolve();

  const write = (letter: LetterPlace, mark: Mark | null): Promise<number> => {
    const line = `${JSON.stringify({ topic: deadLetterTopic, letter: markKey(letter), mark })}\n`;
    const turn = last.then(async () => {
      file ??= await open(path, 'a', MODE);
      await file.appendFile(before + line);
      before = '';
      await file.datasync();
      return ++count;
    });
    last = turn.catch(() => undefined);
    return turn.catch((error: Error) => {
      throw failure(path, error);
    });
  };
  return {
    name: path,
    all: () => marks,
    async write(letter, mark) {
      const number = await write(letter, mark);
      marks.set(markKey(letter), mark);
      return number;
    },
    prepare: () => Promise.resolve(),
    async forget(letters) {
      for (const letter of letters) if (marks.delete(markKey(letter))) await write(letter, null);
    },
    async close() {
      await last;
      await file?.close();
    },
  };
}

interface Line {
  readonly topic: unknown;
  readonly letter: string;
  readonly mark: Mark | null;
}

/** Null for what is no line of ours: half of one, or what somebody else wrote. */
function lineOf(text: string): Line | null {
  if (text === '') return null;
  try {
    const { topic, letter, mark } = JSON.parse(text) as Record<string, unknown>;
    const read = mark === null ? null : Mark.parse(mark);
    return typeof letter === 'string' ? { topic, letter, mark: read } : null;
  } catch {
    return null;
  }
}

function failure(path: string, error: Error): CommandFailure {
  return new CommandFailure(`--state: ${path}: ${error.message}`, undefined, { cause: error });
}
