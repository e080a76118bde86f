import type { ReplyTimes } from './reply.js';
import type { Run } from './taken.js';

/** For an asker that wants to know. A record of the future was not in the queue for less than no time. */
export function timesOf({ taken, takenMs, backendMs }: Run, tookMs: number | null): ReplyTimes {
  const queueMs = Math.round(takenMs - taken.record.timestampMs);
  return {
    tookMs,
    ...(queueMs >= 0 && { queueMs }),
    ...(backendMs !== undefined && { backendMs: Math.round(backendMs) }),
  };
}
