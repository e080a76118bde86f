import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Check, Finding } from '../stage/check.js';
import { askAtOnce, complainOf, describeOthers } from '../stage/others.js';
import { judged, type Shared } from '../stage/shared.js';
import { holds, openSockets } from '../stage/sockets.js';

/** How soon it must be seen that a client hung up, ms: a second, and what a busy machine adds. */
const NOTICED_MS = 2000;
/** What others ask at once, where a place is given back to who needs it. */
const AT_ONCE = 100;
/** New topics that are named in vain. */
const REFUSALS = 100;

/** Point 3, (a) to (c). */
export const PLACE_CHECKS: readonly Check<Shared>[] = [
  { id: '3a-one', run: (arena) => unreadTopic(arena, 1, 10_050) },
  { id: '3a-many', run: (arena) => unreadTopic(arena, 400, 32) },
  { id: '3b', run: hangingTarget },
  { id: '3c-request', run: (arena) => refusedTopics(arena, 'X-Kafka-Topic') },
  { id: '3c-reply', run: (arena) => refusedTopics(arena, 'X-Kafka-Reply-Topic') },
];

/** Fills `max_pending` with requests that nobody takes up, then hangs up. */
async function unreadTopic(arena: Shared, connections: number, each: number): Promise<Finding> {
  const { port, stack } = arena;
  const topic = stack.foreignTopic('nobody');
  const get = `GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Topic: ${topic}\r\nX-Kafka-Timeout: 300\r\n\r\n`.repeat(each);
  const pending = () => arena.proxyMetric('proxy_pending_requests');
  const sockets = await openSockets({ port, count: connections, bytes: () => get });
  let most = 0;
  await holds(3000, async () => {
    most = Math.max(most, await pending());
    return most >= 10_000;
  });
  const others = arena.others();
  const atOnce = await askAtOnce({ port, path: '/other/small' }, AT_ONCE);
  await pause(2000);
  const { others: got, complaints } = await judged(others);
  sockets.close();
  const leftMs = performance.now();
  const noticed = await holds(5000, async () => (await pending()) <= 5);
  const tookMs = Math.round(performance.now() - leftMs);
  return {
    came: `${most} requests waited; their end was seen ${noticed ? `after ${tookMs} ms` : 'not in 5 s'}`,
    others: `${got}; ${AT_ONCE} at once: ${describeOthers(atOnce)}`,
    complaints: [
      ...complaints,
      ...complainOf(atOnce),
      ...(tookMs > NOTICED_MS ? ['requests were waited for whose client had hung up 2 s ago'] : []),
    ],
  };
}

async function hangingTarget(arena: Shared): Promise<Finding> {
  const { port, hanging } = arena;
  hanging.hold();
  const sockets = await openSockets({
    port,
    count: 110,
    bytes: () => 'GET /hang HTTP/1.1\r\nHost: h\r\nX-Kafka-Timeout: 30\r\n\r\n',
  });
  await pause(1500);
  const others = arena.others({ everyMs: 100 });
  await pause(3000);
  const held = hanging.held.length;
  const { others: got, complaints } = await judged(others);
  sockets.close();
  hanging.release();
  return { came: `${held} of 110 held by the hanging target at once`, others: got, complaints };
}

/** Refused for another reason than the topic, which is new each time; then a new one is used well. */
async function refusedTopics({ port, stack }: Shared, header: string): Promise<Finding> {
  const run = randomBytes(4).toString('hex');
  const refused = await Promise.all(
    Array.from({ length: REFUSALS }, (_, i) =>
      fetch(`http://127.0.0.1:${port}/`, {
        headers: { [header]: `${run}-${i}`, 'X-Kafka-Timeout': 'soon' },
      }).then(async (response) => {
        await response.arrayBuffer();
        return response.status;
      }),
    ),
  );
  // Neither is in the proxy's configuration.
  const good = header === 'X-Kafka-Topic' ? stack.requestTopic('spare') : stack.responseTopic('other');
  const result = await askAtOnce({ port, path: '/other/small', headers: { [header]: good } }, 1);
  return {
    came: `${refused.filter((status) => status === 400).length} refused with 400`,
    others: `the first good new topic: ${describeOthers(result)}`,
    complaints: complainOf(result),
  };
}
