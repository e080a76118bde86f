import type { Mark, Marks, StoredRecord } from '@kafka-http-proxy/operate';

/** Where a letter is in its topic. */
export type LetterPlace = Pick<StoredRecord, 'partition' | 'offset'>;

/** What was done about the letters of one topic, for all operators to see. */
export interface MarkStore {
  /** The topic or the file that they are in. */
  readonly name: string;
  /** The last mark of each letter, by `markKey()`: those there were when it was opened, and those written since. */
  all(): Marks;
  /**
   * Resolves when the mark can't get lost any more: acknowledged by Kafka, or on the disk.
   *
   * @returns its offset in the marks topic; of a file, the number of its line
   * @throws {CommandFailure} when it can't be written, with what to do
   */
  write(letter: LetterPlace, mark: Mark): Promise<number>;
  /** Makes what {@link write} would make, such as the topic. @throws {CommandFailure} */
  prepare(): Promise<void>;
  /** Forgets the marks of letters that are not there any more. @throws {CommandFailure} */
  forget(letters: readonly LetterPlace[]): Promise<void>;
  close(): Promise<void>;
}

/** What is read when a store is opened. */
export interface MarkReading {
  /** Called for each mark in its order, also for those that later ones replaced. */
  readonly onMark?: (letter: LetterPlace, mark: Mark) => void;
  /** Called for each record of the marks topic, whatever it is, with its offset. */
  readonly onRecord?: (record: Pick<StoredRecord, 'offset' | 'key' | 'value'>) => void;
  /** False for letters that are gone: their marks are not kept. All are, when left out. */
  readonly isThere?: (letter: LetterPlace) => boolean;
  /** Aborted: opening rejects with its reason, since nothing may be decided by some of the marks. */
  readonly signal?: AbortSignal;
}

/** The letter that a key names; null for what is no key of ours: anybody may write to a topic. */
export function placeOfKey(key: string | undefined): LetterPlace | null {
  const [, partition, offset] = /^(\d{1,10}):(\d{1,16})$/.exec(key ?? '') ?? [];
  return partition === undefined ? null : { partition: Number(partition), offset: Number(offset) };
}

/** Takes marks one after the other; null forgets the one before. */
export function collectMarks({ onMark, isThere = () => true }: MarkReading): {
  readonly marks: Map<string, Mark>;
  take(key: string | undefined, mark: Mark | null): void;
} {
  const marks = new Map<string, Mark>();
  return {
    marks,
    take(key, mark) {
      const letter = placeOfKey(key);
      if (letter === null || !isThere(letter)) return;
      if (mark === null) marks.delete(key as string);
      else {
        marks.set(key as string, mark);
        onMark?.(letter, mark);
      }
    },
  };
}
