import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gather } from '../testing/call-backend.js';
import { backendRequest, topic } from '../testing/samples.js';
import { createBackendPools } from './backend-pools.js';
import type { BackendRequest } from './backend-request.js';

/** A backend of raw sockets on one connection, and what a call of it comes to. */
async function backend(onSocket: (socket: Socket) => void) {
  const server = createServer(onSocket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return caller((server.address() as AddressInfo).port, 1);
}

function caller(port: number, connections: number) {
  const config = topic({ backend_url: `http://127.0.0.1:${port}` });
  const pools = createBackendPools();
  onTestFinished(() => pools.close());
  return (change: Partial<BackendRequest>) =>
    gather(pools.open(config, connections).backend, backendRequest({ method: 'POST', repeatable: false, ...change }));
}

/** Each by undici, and by node:http for what undici can't say. */
const ways: [string, Partial<BackendRequest>][] = [
  ['undici', {}],
  ['node:http', { trailers: ['X-Sum', '1'] }],
];

/** On a thread of its own: what goes wrong is a race of the two sides. What is unread at the close makes it a reset. */
const HASTY = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer({ pauseOnConnect: false }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.pause();
      socket.write('HTTP/1.1 413 Payload Too Large\\r\\nContent-Length: 2\\r\\n\\r\\nno', () => socket.destroy());
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

describe('a backend that answers at the head of an upload and hangs up', () => {
  it.each(ways)(
    'is heard each time, by %s',
    async (_way, change) => {
      const worker = new Worker(HASTY, { eval: true });
      onTestFinished(async () => void (await worker.terminate()));
      const [port] = (await once(worker, 'message')) as [number];
      const call = caller(port, 4);
      const seen: Record<string, number> = {};
      for (let i = 0; i < 400; i++) {
        const attempt = await call({ ...change, body: Buffer.alloc(i % 2 ? 3_000_000 : 800_000) });
        const outcome = attempt.kind === 'answer' ? `${attempt.head.status} ${attempt.body}` : attempt.kind;
        seen[outcome] = (seen[outcome] ?? 0) + 1;
      }
      expect(seen).toEqual({ '413 no': 400 });
    },
    30_000,
  );
});

describe('a connection that a client has authenticated', () => {
  it.each(['NTLM TlRMTVNTUAAB', 'Negotiate YII='])('is used by nobody else (%s)', async (credentials) => {
    // As Windows does it: who authenticates once is the user of all that follows on the connection.
    const call = await backend((socket) => {
      let user = 'nobody';
      socket.on('error', () => undefined);
      socket.on('data', (head) => {
        const name = /^X-User: (.*)\r$/m.exec(String(head))?.[1];
        if (/^Authorization: (?:NTLM|Negotiate)/m.test(String(head)) && name) user = name;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${user.length}\r\n\r\n${user}`);
      });
    });
    const told = async (headers: string[]) => {
      const attempt = await call({ method: 'GET', headers });
      return attempt.kind === 'answer' ? String(attempt.body) : attempt.kind;
    };
    expect(await told(['Authorization', credentials, 'X-User', 'alice'])).toBe('alice');
    expect(await told(['X-User', 'bob'])).toBe('nobody');
  });
});
