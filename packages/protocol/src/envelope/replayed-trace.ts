import { parseTraceparent, type Traceparent } from '../basics/traceparent.js';
import { type RecordHeaders, recordHeader } from './envelope.js';

/** Record header of a request that was sent again: how often, by whom, and where it lay. */
export const REPLAY_HEADER = 'khp-replay';

/** Longest `khp-replay` that is read, characters. */
export const MAX_REPLAY_LENGTH = 4096;

/**
 * The context of the request that a replay sends again: its trace is over, so the new one is linked to it. Null where
 * the record is no replay, or its letter had no context.
 */
export function replayedTraceOf(headers: RecordHeaders): Traceparent | null {
  const text = recordHeader(headers, REPLAY_HEADER);
  if (text === null || text.length > MAX_REPLAY_LENGTH) return null;
  try {
    const { trace } = JSON.parse(text) as { trace?: unknown };
    return typeof trace === 'string' ? parseTraceparent(trace) : null;
  } catch {
    return null;
  }
}
