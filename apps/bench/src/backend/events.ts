import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { formatEnd, formatEvent } from '../payload/events.js';
import { wallClockMs } from '../payload/wall-clock.js';

export interface EventLoad {
  /** Of each stream. */
  readonly perSecond: number;
  readonly seconds: number;
}

/** Streams of server-sent events: they open whenever a client comes, and are all driven by one run. */
export function createEventStreams() {
  const streams = new Set<ServerResponse>();
  return {
    count: (): number => streams.size,
    open(response: ServerResponse): void {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write(': open\n\n');
      streams.add(response);
      response.once('close', () => streams.delete(response));
    },
    /** Sends events to all, evenly over time and streams, ends them, and resolves with how late the worst one was sent. */
    async run({ perSecond, seconds }: EventLoad): Promise<{ latestMs: number }> {
      const all = [...streams];
      const each = perSecond * seconds;
      const gapMs = 1000 / (perSecond * all.length);
      const startMs = performance.now();
      let latestMs = 0;
      for (let sent = 0; sent < each * all.length; ) {
        const lateMs = performance.now() - startMs - sent * gapMs;
        if (lateMs < 0) {
          await pause(1);
          continue;
        }
        latestMs = Math.max(latestMs, lateMs);
        all[sent % all.length]?.write(formatEvent(Math.floor(sent / all.length), wallClockMs()));
        sent++;
      }
      for (const response of all) response.end(formatEnd(each, wallClockMs()));
      return { latestMs };
    },
  };
}
