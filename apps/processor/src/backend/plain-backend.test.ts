import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import type { HeaderList } from '@kafka-http-proxy/protocol';
import { type Part, systemClock } from '@kafka-http-proxy/streams';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Attempt } from '../attempts/attempt.js';
import { Upload } from '../streams/upload.js';
import { gather } from '../testing/call-backend.js';
import { topic } from '../testing/samples.js';
import { createBackendPools } from './backend-pools.js';
import type { BackendRequest } from './backend-request.js';

const PUT: BackendRequest = {
  method: 'PUT',
  target: '/x',
  host: null,
  headers: [],
  body: null,
  trailers: null,
  passable: (trailers) => trailers,
  repeatable: true,
};

async function backend(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return caller(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

function caller(url: string) {
  const config = topic({ backend_url: url });
  const pools = createBackendPools();
  onTestFinished(() => pools.close());
  return (change: Partial<BackendRequest>): Promise<Attempt> =>
    gather(pools.open(config, 4).backend, { ...PUT, ...change });
}

/** An upload with its first bytes; `part` brings the next ones. */
function upload(first: string, length: number | null = null) {
  const grants: number[] = [];
  const broken = vi.fn();
  const body = new Upload({
    first: Buffer.from(first),
    length,
    retryBytes: 1_000_000,
    lease: { window: () => 65_536, hold: () => undefined, end: () => undefined },
    grant: (offset) => grants.push(offset),
    broken,
    clock: systemClock,
  });
  body.claim();
  let seq = 1;
  const part = (more: Partial<Part>) =>
    body.take({ seq: seq++, end: false, error: null, body: null, trailers: null, ...more });
  return { body, part, grants, broken };
}

const answer = (attempt: Attempt) => {
  if (attempt.kind !== 'answer') throw new Error(attempt.kind);
  return attempt;
};

describe('a request body that comes in parts', () => {
  it.each([
    ['by its length', 13, ['content-length', '13']],
    ['chunked, where the client announced none', null, ['transfer-encoding', 'chunked']],
  ])('goes to the backend %s', async (_title, length, framing) => {
    const seen: { headers: HeaderList; body: string; trailers: HeaderList }[] = [];
    const call = await backend((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        seen.push({ headers: request.rawHeaders, body, trailers: request.rawTrailers });
        response.end('stored');
      });
    });
    const { body, part } = upload('first ', length);
    const attempt = call({ body });
    part({ body: Buffer.from('second ') });
    part({ end: true, trailers: ['X-Sum', 'abc'] });
    expect(answer(await attempt).body?.toString()).toBe('stored');
    expect(seen[0]?.body).toBe('first second ');
    expect(seen[0]?.headers.map((text) => text.toLowerCase())).toEqual(expect.arrayContaining(framing));
    expect(seen[0]?.trailers).toEqual(length === null ? ['X-Sum', 'abc'] : []);
  });

  it('of 8 MiB is granted as the backend takes it, and arrives to the byte', async () => {
    const hash = createHash('sha256');
    const call = await backend((request, response) => {
      request.on('data', (chunk: Buffer) => hash.update(chunk));
      request.on('end', () => response.end(hash.digest('hex')));
    });
    const { body, part, grants } = upload('');
    const attempt = call({ body });
    const expected = createHash('sha256');
    for (let sent = 0; sent < 256; sent++) {
      const chunk = Buffer.alloc(32_768, sent);
      expected.update(chunk);
      await vi.waitFor(() => expect(grants.at(-1)).toBeGreaterThanOrEqual((sent + 1) * chunk.length), { interval: 1 });
      part({ body: chunk });
    }
    part({ end: true });
    expect(answer(await attempt).body?.toString()).toBe(expected.digest('hex'));
  });

  it('that breaks off is not ended as if it were whole', async () => {
    const aborted = vi.fn();
    const ended = vi.fn();
    const call = await backend((request) => {
      request.resume();
      request.on('error', aborted);
      request.on('end', ended);
    });
    const { body, part, broken } = upload('first');
    const attempt = call({ body });
    part({ seq: 3 });
    expect(broken).toHaveBeenCalledWith('gap');
    expect((await attempt).kind).toBe('failure');
    expect(ended).not.toHaveBeenCalled();
  });

  it('is not sent on to a backend that has answered with an error', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.end('HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const call = caller(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const { body } = upload('first', 1_000_000);
    const attempt = answer(await call({ body }));
    expect([attempt.head.status, String(attempt.body)]).toEqual([413, 'big']);
  });
});

describe('trailers', () => {
  it('of a whole body go out behind it', async () => {
    const call = await backend((request, response) => {
      request.resume();
      request.on('end', () => response.end(JSON.stringify(request.rawTrailers)));
    });
    const attempt = await call({ body: Buffer.from('body'), trailers: ['X-Sum', 'abc', 'x-sum', 'def'] });
    expect(String(answer(attempt).body)).toBe('["X-Sum","abc","x-sum","def"]');
  });

  it.each([
    ['undici', {}],
    ['node:http', { trailers: ['X-A', 'b'], body: Buffer.from('x') }],
  ])('of an answer come in (%s)', async (_way, change) => {
    const call = await backend((request, response) => {
      request.resume();
      response.writeHead(200, { Trailer: 'X-Sum' });
      response.write('body');
      response.addTrailers([['X-Sum', 'abc']]);
      response.end();
    });
    const attempt = answer(await call({ method: 'POST', ...change }));
    expect(attempt.trailers).toEqual(['X-Sum', 'abc']);
    expect(String(attempt.body)).toBe('body');
  });
});
