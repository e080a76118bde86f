// main.js [requests] [bytes of body]: what a pending request takes in a proxy. It starts the embedded broker and one
// proxy, leaves requests unanswered, and reads the process's resident memory before and after. Needs the build.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startEmbeddedBroker } from '@kafka-http-proxy/kafka';
import { brokerEnv, startService } from '@kafka-http-proxy/testkit';

/** Code and buffers that come with the first requests are not of any one of them. */
const FIRST_REQUESTS = 500;
const POLL_MS = 100;
const SETTLE_MS = 5000;

const [requests = 2000, bodyBytes = 1000] = process.argv.slice(2).map(Number);
const sockets: Socket[] = [];
const broker = await startEmbeddedBroker();
const { bootstrapServers, properties } = broker;
const proxy = await startService('proxy', {
  env: {
    ...brokerEnv({ kind: 'embedded', bootstrapServers, properties }),
    PROXY_PORT: '0',
    DEFAULT_TIMEOUT: '300',
    MAX_PENDING: String(requests + 1000),
    SHUTDOWN_GRACE: '0',
  },
});
try {
  await proxy.ready();
  await leaveUnanswered(FIRST_REQUESTS);
  const before = await residentKib(FIRST_REQUESTS);
  await leaveUnanswered(requests);
  const after = await residentKib(FIRST_REQUESTS + requests);
  const each = (after - before) / requests;
  console.log(`proxy, idle:                ${(before / 1024).toFixed(0)} MiB resident`);
  console.log(`with ${requests} more pending:     ${(after / 1024).toFixed(0)} MiB resident`);
  console.log(`a pending request of ${bodyBytes} B: ${each.toFixed(1)} KiB`);
} finally {
  for (const socket of sockets) socket.destroy();
  await proxy.stop('SIGKILL');
  await broker.close();
}

/** Sends requests that nobody answers, a connection each, a hundred at a time. */
async function leaveUnanswered(count: number): Promise<void> {
  const lines = [
    'POST /orders HTTP/1.1',
    'Host: proxy',
    'Accept: */*',
    'User-Agent: measure',
    'Authorization: Bearer 0123456789012345678901234567890123456789',
    `Content-Length: ${bodyBytes}`,
  ];
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.alloc(bodyBytes, 'x')]);
  for (let sent = 0; sent < count; sent += 100) {
    const batch = Array.from({ length: Math.min(100, count - sent) }, () => connect(proxy.port ?? 0, '127.0.0.1'));
    sockets.push(...batch);
    await Promise.all(batch.map((socket) => once(socket, 'connect')));
    for (const socket of batch) socket.on('error', () => undefined).write(bytes);
  }
}

/** Resident memory once all are pending and the garbage of taking them had time to go, KiB. */
async function residentKib(pending: number): Promise<number> {
  while ((await proxy.metric('proxy_pending_requests')) !== pending) await delay(POLL_MS);
  await delay(SETTLE_MS);
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${proxy.child.pid}/status`, 'utf8'))?.[1]);
}
