import { setTimeout as pause } from 'node:timers/promises';
import type { Check, Finding } from '../stage/check.js';
import { judged, type Shared } from '../stage/shared.js';
import { holds, openSockets, type Sockets } from '../stage/sockets.js';

/** What the attacks last at least, ms: long enough for what is sent to be taken as far as it is. */
const LAST_MS = 5000;
const PIPELINED = 700;
const HEAD_LINES = 32_000;
/** As many lines as are allowed, with what else the head has. */
const ALLOWED_LINES = 990;
/** More than the processor's slots. */
const HOLDERS = 110;

/** Point 2, what comes over HTTP. */
export const MEMORY_HTTP_CHECKS: readonly Check<Shared>[] = [
  { id: '2b', run: unfinishedHeads },
  { id: '2c-lines', limitMs: 60_000, run: (arena) => withdrawnHeads(arena, headOf(HEAD_LINES, 'a:b'), true) },
  // 64 KB of head in all, as lines of 64 bytes.
  {
    id: '2c-allowed',
    limitMs: 60_000,
    run: (arena) => withdrawnHeads(arena, headOf(ALLOWED_LINES, `a:${'b'.repeat(60)}`), false),
  },
  { id: '2d', run: stalledUploads },
  { id: '2a-one', run: (arena) => unreadReplies(arena, 1) },
  // More than a gigabyte of replies, in the response topic that others' replies come in too.
  { id: '2a-many', limitMs: 60_000, run: (arena) => unreadReplies(arena, 40, 15_000) },
];

async function unreadReplies(arena: Shared, connections: number, patienceMs = 5000): Promise<Finding> {
  const { port, stack } = arena;
  const others = arena.others({ patienceMs });
  const get = 'GET /doc HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(PIPELINED);
  const sockets = await openSockets({ port, count: connections, bytes: () => get });
  const heldMib = () => stack.proxies[0]?.memory.heldMib() ?? 0;
  await steady(heldMib);
  const held = heldMib();
  const { others: got, complaints } = await judged(others);
  sockets.close();
  const freed = await holds(10_000, async () => (await arena.proxyMetric('proxy_pending_requests')) === 0);
  await pause(500);
  return {
    came: `RSS of the proxy ${Math.round(held)} MiB while they stood, ${Math.round(heldMib())} afterwards`,
    others: got,
    complaints: [...complaints, ...(freed ? [] : ['requests of those who hung up were still waited for after 10 s'])],
  };
}

/** Resolves when it has not grown for 2 s: all was taken that is; not before {@link LAST_MS}, and after 15 s at most. */
async function steady(heldMib: () => number): Promise<void> {
  let most = 0;
  const startedMs = performance.now();
  let sinceMs = startedMs;
  await holds(15_000, () => {
    if (heldMib() > most * 1.02) {
      most = heldMib();
      sinceMs = performance.now();
    }
    const now = performance.now();
    return now - sinceMs > 2000 && now - startedMs > LAST_MS;
  });
}

async function unfinishedHeads(arena: Shared): Promise<Finding> {
  const { port } = arena;
  const others = arena.others();
  const head = `POST /plain HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n${'a:b\r\n'.repeat(HEAD_LINES)}\r\n`;
  const sockets = await openSockets({ port, count: 300, bytes: () => head, reads: true });
  await holds(LAST_MS, () => sockets.statuses().every((status) => status === '431'));
  const refused = count(sockets, '431');
  const { others: got, complaints } = await judged(others);
  sockets.close();
  return {
    came: `${refused} of 300 refused with 431`,
    others: got,
    complaints: [...complaints, ...(refused < 300 ? [`${300 - refused} heads were not refused with 431`] : [])],
  };
}

/** Fills the slots, then sends heads that are withdrawn while they wait for one. */
async function withdrawnHeads(arena: Shared, head: string, refusal: boolean): Promise<Finding> {
  const { port, hanging, stack } = arena;
  hanging.hold();
  const others = arena.others();
  const holders = await openSockets({
    port,
    count: HOLDERS,
    bytes: () => 'GET /hang HTTP/1.1\r\nHost: h\r\nX-Kafka-Timeout: 60\r\n\r\n',
  });
  await holds(3000, () => hanging.held.length >= 50);
  const waves: Sockets[] = [];
  for (let wave = 0; wave < 7; wave++) {
    waves.push(await openSockets({ port, count: 100, bytes: () => head, reads: true, leavesAfterMs: 150 }));
    await pause(300);
  }
  await holds(5000, () => waves.every(({ all }) => all.every(({ closed }) => closed)));
  const statuses = waves.flatMap((sockets) => sockets.statuses());
  const refused = statuses.filter((status) => status === '431').length;
  // What was published before its client left is taken up after that.
  await steady(() => stack.processor.memory.heldMib());
  const queued = await stack.processor.service.metric('processor_messages_in_flight').catch(() => Number.NaN);
  const { others: got, complaints } = await judged(others);
  holders.close();
  hanging.release();
  return {
    came: refusal ? `${refused} of 700 refused with 431` : `${queued} requests at the processor afterwards`,
    others: got,
    complaints,
  };
}

/** Bodies that fit a record are held whole by the proxy; all but their last bytes come. */
async function stalledUploads(arena: Shared): Promise<Finding> {
  const { port } = arena;
  const stalled = (length: number, missing: number) => {
    const head = `POST /plain HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n`;
    const bytes = Buffer.concat([Buffer.from(head), Buffer.alloc(length - missing, 's')]);
    return { port, bytes: () => bytes, reads: true };
  };
  const long = await openSockets({ ...stalled(900_000, 1000), count: 160 });
  await pause(2000);
  // What one that is refused gives back is filled too.
  const short = await openSockets({ ...stalled(20_000, 1000), count: 80 });
  await pause(500);
  const others = arena.others({ bodies: [1000, 20_000, 200_000] });
  await pause(LAST_MS);
  const { others: got, complaints } = await judged(others);
  const statuses = [...long.statuses(), ...short.statuses()].filter((status) => status !== '');
  long.close();
  short.close();
  const kinds = [...new Set(statuses)].map((status) => `${statuses.filter((one) => one === status).length} ${status}`);
  return {
    came: `of those that stall ${kinds.length === 0 ? 'none was answered' : `got ${kinds.join(', ')}`}`,
    others: `bodies of 1 to 200 KB: ${got}`,
    complaints,
  };
}

function headOf(lines: number, line: string): string {
  return `GET /hang HTTP/1.1\r\nHost: h\r\n${`${line}\r\n`.repeat(lines)}\r\n`;
}

function count(sockets: Sockets, status: string): number {
  return sockets.statuses().filter((one) => one === status).length;
}
