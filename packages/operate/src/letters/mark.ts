import { isLegalTopic, shownId } from '@kafka-http-proxy/protocol';
import { z } from 'zod';
import type { Letter } from '../records/letter.js';
import type { StoredRecord } from '../stored-record.js';

const count = z.int().min(0);

/**
 * What was done about a letter: the value of a record in the marks topic (`marksTopic()` of packages/protocol), whose
 * key is the letter's `partition:offset`. The last mark of a letter counts; the topic is compacted.
 */
export const Mark = z.object({
  v: z.literal(1),
  /**
   * `sending` is written before the request is: a letter whose last mark it is was interrupted, and may have run. `sent`:
   * it was, and nobody waited for the answer; if it failed, it is a letter of its own.
   */
  state: z.enum(['sending', 'sent', 'answered', 'failed', 'discarded']),
  /** How often the request was sent again, this time included; 0 of one that never was. */
  n: count,
  /**
   * What of the letter's correlation id may be shown; left out where it has none. A topic that was made anew begins
   * with the same offsets: the id says which letter is meant.
   */
  id: z.string().max(128).optional(),
  /** HTTP status of the answer. */
  status: z.int().optional(),
  /** Code of the failure, where it was none of the backend's answers. */
  code: z.string().max(64).optional(),
  run: z.string().max(64),
  by: z.string().max(256),
  /** ms since the epoch. */
  at: z.number().positive(),
  /** Topic, partition and offset of the request that was sent. */
  to: z.tuple([z.string().refine(isLegalTopic), count, count]).optional(),
});
/** @see {@link Mark} */
export type Mark = z.infer<typeof Mark>;

/** The key of a letter's marks. */
export function markKey({ partition, offset }: Pick<StoredRecord, 'partition' | 'offset'>): string {
  return `${partition}:${offset}`;
}

/** Reads the value of a mark; null for anything else: anybody may write to a topic. */
export function readMark(value: Buffer | null): Mark | null {
  if (value === null || value.length > 4096) return null;
  try {
    const parsed = Mark.safeParse(JSON.parse(value.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** What is known of letters, by {@link markKey}. */
export type Marks = ReadonlyMap<string, Mark>;

/** The last mark of a letter; null where there is none, or it is one of another letter that was there before. */
export function markOf(marks: Marks, { record, request }: Letter): Mark | null {
  const mark = marks.get(markKey(record));
  if (mark === undefined) return null;
  const id = request === null ? undefined : shownId(request.correlationId);
  return mark.id === undefined || mark.id === id ? mark : null;
}
