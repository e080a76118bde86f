import {
  isLegalTopic,
  MAX_REPLAY_LENGTH,
  REPLAY_HEADER,
  type RecordHeaders,
  recordHeader,
  shownId,
} from '@kafka-http-proxy/protocol';
import { z } from 'zod';

/** Longest `traceparent` that is copied, characters. */
export const MAX_TRACEPARENT = 128;

const count = z.int().min(0);
const place = z.tuple([z.string().refine(isLegalTopic), count, count]);

/** What `khp-replay` says. The processor copies it into the next letter, so a letter knows how often it was replayed. */
export const Replay = z.object({
  v: z.literal(1),
  /** How often the request was sent again, this time included. */
  n: z.int().min(1),
  /** Names the run. */
  run: z.string().max(64),
  /** Topic, partition and offset of the letter that was sent again. */
  of: place,
  /** The same of the first letter of this request. */
  first: place,
  /** What of the correlation id of the first try may be shown: the backend knows it as X-Request-ID. */
  id: z.string().max(128),
  /** When, ms since the epoch. */
  at: z.number().positive(),
  /** Who: user@host. */
  by: z.string().max(256),
  /** The letter's `traceparent`, where it had one: the new trace is linked to it. Left out: not said (before 2.1). */
  trace: z.string().max(MAX_TRACEPARENT).optional(),
});
/** @see {@link Replay} */
export type Replay = z.infer<typeof Replay>;

/** The last `khp-replay` of a record; null where there is none that is understood. */
export function replayOf(headers: RecordHeaders): Replay | null {
  const text = recordHeader(headers, REPLAY_HEADER);
  if (text === null || text.length > MAX_REPLAY_LENGTH) return null;
  try {
    const parsed = Replay.safeParse(JSON.parse(text));
    // Ours is no more than what may be shown; others may write anything.
    return parsed.success ? { ...parsed.data, id: shownId(parsed.data.id) } : null;
  } catch {
    return null;
  }
}
