import type { Check, Finding } from '../stage/check.js';
import { judged, type Shared } from '../stage/shared.js';
import { holds, openSockets } from '../stage/sockets.js';

const UPLOADS = 260;
/** Enough to begin to stream with the settings of this group; a record more than is sent is announced. */
const SENT_BYTES = 220_000;

/** What has a stalled upload end soon, and stream with few bytes. */
export const SHORT_TIMES = {
  KAFKA_MAX_RECORD_BYTES: '150000',
  RECORD_BYTES: '65536',
  STREAM_WINDOW: '131072',
  STREAM_IDLE_TIMEOUT: '3',
  BODY_TIMEOUT: '3',
  MAX_CONCURRENT_REQUESTS: '600',
};
/** Of an attempt at the backend, seconds. */
export const SHORT_ATTEMPT = 2;

/** Point 3 (d). */
export const BREAKER_CHECKS: readonly Check<Shared>[] = [{ id: '3d', limitMs: 45_000, run: stalledStreams }];

async function stalledStreams(arena: Shared): Promise<Finding> {
  const { port, stack } = arena;
  const state = () => stack.processor.service.metric('processor_breaker_state').catch(() => Number.NaN);
  const others = arena.others({ path: '/small', everyMs: 100 });
  const head = `POST /up HTTP/1.1\r\nHost: h\r\nX-Kafka-Timeout: 12\r\nContent-Length: ${10 * SENT_BYTES}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head), Buffer.alloc(SENT_BYTES, 'u')]);
  const sockets = await openSockets({ port, count: UPLOADS, bytes: () => bytes, reads: true });
  let worst = 0;
  await holds(20_000, async () => {
    worst = Math.max(worst, await state());
    return sockets.statuses().every((status) => status !== '') || sockets.all.every(({ closed }) => closed);
  });
  worst = Math.max(worst, await state());
  const { others: got, complaints } = await judged(others);
  const statuses = sockets.statuses();
  const kinds = [...new Set(statuses)].map(
    (status) => `${statuses.filter((one) => one === status).length} got ${status || 'nothing'}`,
  );
  sockets.close();
  const told = statuses.filter((status) => status === '408').length;
  return {
    came: `breaker ${worst === 0 ? 'closed' : `in state ${worst}`}; of those that stall ${kinds.join(', ')}`,
    others: `at the same backend: ${got}`,
    complaints: [
      ...(worst === 0 ? [] : ['the breaker of a healthy backend opened']),
      ...(told < UPLOADS ? [`${UPLOADS - told} stalled uploads were not told 408`] : []),
      ...complaints,
    ],
  };
}
