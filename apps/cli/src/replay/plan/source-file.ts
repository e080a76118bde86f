import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { judge, readLetter, recordOfLine, type StoredRecord, viewOf } from '@kafka-http-proxy/operate';
import { mistake } from '../../operator/exit.js';
import { type LetterSource, placeKey } from './source.js';

/**
 * Letters that `dlq export` wrote, and that somebody may have edited: sent in the order of the file.
 *
 * @param topic of the letters: their marks are kept by where they were in it
 */
export function fileSource(path: string, topic: string): LetterSource {
  return {
    async scan(onLetter, signal) {
      const seen = new Set<string>();
      for await (const { record, line } of recordsOf(path, topic)) {
        if (signal.aborted) return;
        const key = placeKey(record);
        if (seen.has(key)) throw mistake(`${path}:${line}: the letter ${key.replace(':', '@')} was there already`);
        seen.add(key);
        const view = viewOf(record);
        const letter = view.letter ?? readLetter(record);
        onLetter({ view, letter, mark: null, judgement: judge(letter, null) });
      }
    },
    async *fetch(letters, signal) {
      const wanted = new Map(letters.map((planned) => [placeKey(planned), planned]));
      for await (const { record } of recordsOf(path, topic)) {
        if (signal.aborted) return;
        const planned = wanted.get(placeKey(record));
        if (planned !== undefined) yield { planned, record };
      }
    },
  };
}

/** @throws CommandFailure that says in which line what is wrong */
async function* recordsOf(path: string, topic: string): AsyncGenerator<{ record: StoredRecord; line: number }> {
  const file = createReadStream(path);
  let line = 0;
  try {
    for await (const text of createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (text.trim() === '') continue;
      const record = recordOfLine(text);
      if (typeof record === 'string') throw mistake(`${path}:${line}: ${record}`);
      if (record.topic !== topic) {
        throw mistake(
          `${path}:${line}: a letter of ${record.topic}, not of ${topic}: name that by --dead-letter-topic`,
        );
      }
      yield { record, line };
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : mistake(`--from: ${message}`);
  } finally {
    file.destroy();
  }
}
