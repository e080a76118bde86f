// What a pending request takes in a proxy: starts the embedded broker and one proxy, leaves N requests
// unanswered, and reads the process's resident memory before and after. Needs the build.
//
//   node scripts/deploy/measure-memory.mjs [requests] [bytes of body]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './lib.mjs';

const [requests = 2000, bodyBytes = 1000] = process.argv.slice(2).map(Number);
const { startEmbeddedBroker } = await import(new URL('../../packages/kafka/dist/index.js', import.meta.url).href);

const broker = await startEmbeddedBroker();
const proxy = spawn(process.execPath, ['apps/proxy/bin/kafka-proxy.js'], {
  cwd: ROOT,
  env: {
    PATH: process.env.PATH,
    KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
    KAFKA_PROPERTIES: JSON.stringify(broker.properties),
    HOST: '127.0.0.1',
    PROXY_PORT: '0',
    DEFAULT_TIMEOUT: '300',
    MAX_PENDING: String(requests + 1000),
    SHUTDOWN_GRACE: '0',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const sockets = [];
try {
  const port = await portOf(proxy);
  while (!(await fetch(`http://127.0.0.1:${port}/ready`)).ok) await sleep(100);
  // Code and buffers that come with the first requests are not of any one of them.
  await leaveUnanswered(port, 500);
  const before = await residentKb(port, 500);
  await leaveUnanswered(port, requests);
  const after = await residentKb(port, 500 + requests);
  const each = (after - before) / requests;
  console.log(`proxy, idle:                ${(before / 1024).toFixed(0)} MiB resident`);
  console.log(`with ${requests} more pending:     ${(after / 1024).toFixed(0)} MiB resident`);
  console.log(`a pending request of ${bodyBytes} B: ${each.toFixed(1)} KiB`);
} finally {
  for (const socket of sockets) socket.destroy();
  proxy.kill('SIGKILL');
  await once(proxy, 'exit');
  await broker.close();
}

/** The port that its log names. */
async function portOf(child) {
  for await (const line of createInterface(child.stdout)) {
    const { port } = JSON.parse(line);
    if (port) {
      child.stdout.resume();
      return port;
    }
  }
  throw new Error('the proxy did not start');
}

/** Sends requests that nobody answers, a connection each, a hundred at a time. */
async function leaveUnanswered(port, count) {
  const headers = [
    'Accept: */*',
    'User-Agent: measure',
    'Authorization: Bearer 0123456789012345678901234567890123456789',
  ];
  const head = ['POST /orders HTTP/1.1', 'Host: proxy', ...headers, `Content-Length: ${bodyBytes}`, '', ''].join(
    '\r\n',
  );
  const bytes = Buffer.concat([Buffer.from(head), Buffer.alloc(bodyBytes, 'x')]);
  for (let sent = 0; sent < count; sent += 100) {
    const batch = Array.from({ length: Math.min(100, count - sent) }, () => connect(port, '127.0.0.1'));
    sockets.push(...batch);
    await Promise.all(batch.map((socket) => once(socket, 'connect')));
    for (const socket of batch) socket.on('error', () => undefined).write(bytes);
    await sleep(20);
  }
}

/** Resident memory once all are pending and the garbage of taking them had time to go, KiB. */
async function residentKb(port, pending) {
  for (;;) {
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`).then((response) => response.text());
    if (Number(/^proxy_pending_requests (\d+)/m.exec(metrics)?.[1]) === pending) break;
    await sleep(100);
  }
  await sleep(5000);
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${proxy.pid}/status`, 'utf8'))[1]);
}
