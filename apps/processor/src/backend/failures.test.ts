import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answer, backend, caller, gather, OK, PLAIN_GET, ways } from '../testing/call-backend.js';
import { type Behaviour, closedPort, rawBackend } from '../testing/raw-backend.js';
import { topic } from '../testing/samples.js';
import { createBackendPools } from './backend-pools.js';

describe('a backend that fails', () => {
  it.each(ways)('was not reached when nobody listens: nothing was sent (%s)', async (_way, request) => {
    const { call } = caller(`http://127.0.0.1:${await closedPort()}`);
    const attempt = await call(request);
    expect(attempt).toMatchObject({ kind: 'failure', failure: { kind: 'unreachable', sent: false } });
  });

  it.each<[string, Behaviour]>([
    ['speaks something else', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['closes without a word', (socket) => socket.end()],
    ['resets', (socket) => socket.resetAndDestroy()],
    ['closes within the head', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-')],
    ['closes within the body', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')],
    ['closes within a chunk', (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab')],
    ['has a status of no class', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n'],
    ['has the status 000', (socket) => socket.end('HTTP/1.1 000 None\r\n\r\n')],
    ['has a status of four digits', 'HTTP/1.1 1000 High\r\nContent-Length: 0\r\n\r\n'],
    ['has both lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
    ['has a NUL in its head', 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n'],
    ['has a line within a line', 'HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n'],
    ['has an endless head', (socket) => socket.write(`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(100_000)}`)],
    [
      'has a coding that nobody asked for',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    ],
    ['switches protocols unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'],
  ])('one that %s is unreachable, and may have got the request', async (_title, behaviour) => {
    for (const [, request] of ways) {
      const { call } = await backend(behaviour);
      const attempt = await call(request, { timeoutMs: 1_000 });
      expect(attempt).toMatchObject({ kind: 'failure', failure: { kind: 'unreachable', sent: true } });
    }
  });

  it.each(ways)('one that hangs is given up in time, and its connection closed (%s)', async (_way, request) => {
    const { call, disconnected } = await backend(() => {});
    expect(await call(request, { timeoutMs: 30 })).toEqual({ kind: 'timeout', sent: true, starved: false });
    await disconnected;
  });

  it('one that trickles its body is given up in time', async () => {
    const { call, disconnected } = await backend((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 10);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await call({}, { timeoutMs: 100 })).toEqual({ kind: 'timeout', sent: true, starved: false });
    await disconnected;
  });

  it('gives up a request that was never sent without spoiling the connection it waited for', async () => {
    const server = await rawBackend((socket) => {
      setTimeout(() => socket.write(OK), 60);
    });
    const config = topic({ backend_url: server.url });
    const pools = createBackendPools();
    onTestFinished(() => pools.close());
    const send = (timeoutMs: number) =>
      gather(pools.open(config, 1).backend, PLAIN_GET, { maxBodyBytes: 10, timeoutMs });
    const first = send(5_000);
    expect(await send(20)).toEqual({ kind: 'timeout', sent: false, starved: false });
    answer(await first);
    answer(await send(5_000));
    expect([server.connections(), server.requests.length]).toEqual([1, 2]);
  });

  it.each(ways)('a body over the limit is cut off at once (%s)', async (_way, request) => {
    const { call } = await backend('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n');
    expect(await call(request, { maxBodyBytes: 10 })).toEqual({ kind: 'too_large' });
    const endless = await backend((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n');
      const more = () => socket.writable && socket.write('x'.repeat(10_000), more);
      more();
    });
    expect(await endless.call(request, { maxBodyBytes: 100_000 })).toEqual({ kind: 'too_large' });
    await endless.disconnected;
  });

  it.each(ways)('calls that run when the pools are closed end as closed (%s)', async (_way, request) => {
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { call, close } = await backend(() => arrived());
    const running = call(request);
    await arrival;
    await close();
    expect(await running).toMatchObject({ kind: 'failure', failure: { kind: 'closed' } });
    expect(await call(request)).toMatchObject({ kind: 'failure', failure: { kind: 'closed' } });
  });

  it('does not send what would break the framing', async () => {
    const { call, requests } = await backend(OK);
    const attempt = await call({ headers: ['X-Bad', 'a\r\nX-Injected: 1'] });
    expect(attempt).toMatchObject({ kind: 'failure', failure: { kind: 'refused', sent: false } });
    expect(requests).toEqual([]);
  });

  it('is told from an ordinary Node server, which gets on with it', async () => {
    const server = createServer((_request, response) => response.end('node'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { call } = caller(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    const bodies = await Promise.all(Array.from({ length: 30 }, () => call()));
    expect(bodies.map((attempt) => answer(attempt).body?.toString())).toEqual(Array(30).fill('node'));
  });
});
