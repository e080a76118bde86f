import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rawBackend } from '../testing/raw-backend.js';
import { backendRequest, topic } from '../testing/samples.js';
import type { BackendCall } from './backend.js';
import { createBackendPools } from './backend-pools.js';

const GET = backendRequest();
/** One that comes in one read, and one that takes several. */
const SIZES = [1_000, 200_000];

function answers(size: number) {
  const body = 'x'.repeat(size);
  const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\n';
  return {
    body,
    sized: `${head}Content-Length: ${size}\r\n\r\n${body}`,
    chunked: `${head}Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    unsized: `${head}\r\n${body}`,
  };
}

/** Reads an answer one chunk at a time, the next only when the connection has ended on the other side. */
async function slowly(bytes: string, end: (socket: Socket) => void) {
  const { url } = await rawBackend(
    (socket) => socket.write(bytes, () => end(socket)),
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  );
  const config = topic({ backend_url: url });
  const pools = createBackendPools();
  onTestFinished(() => pools.close());
  const backend = pools.open(config, 10).backend;
  let held: () => void = () => {};
  const firstHeld = new Promise<void>((resolve) => {
    held = resolve;
  });
  let received = '';
  let call: BackendCall | null = null;
  let reading = false;
  const outcome = new Promise<string>((resolve) => {
    call = backend.send(GET, {
      head: () => {},
      data(chunk) {
        received += chunk.toString();
        held();
        if (reading) setImmediate(() => call?.resume());
        return false;
      },
      end: () => resolve('whole'),
      failed: (failure) => resolve(failure.kind),
    });
  });
  await Promise.race([firstHeld, outcome]);
  // Round trips to the same server: what its first connection had to say has arrived.
  for (let i = 0; i < 3; i++) {
    await new Promise<void>((resolve, reject) => {
      backend.send(GET, { head: () => {}, data: () => true, end: () => resolve(), failed: (f) => reject(f.cause) });
    });
  }
  reading = true;
  (call as BackendCall | null)?.resume();
  return { outcome: await outcome, received };
}

describe.each(SIZES)('a connection that ends while its answer of %i bytes is held back', (size) => {
  const { body, sized, chunked, unsized } = answers(size);

  it.each([
    ['with Content-Length', sized],
    ['in chunks', chunked],
    ['up to the end of the connection', unsized],
  ])('is read to the end of a body %s', async (_framing, bytes) => {
    expect(await slowly(bytes, (socket) => socket.end())).toEqual({ outcome: 'whole', received: body });
  });

  it.each([
    ['with Content-Length', sized.slice(0, -1)],
    ['in chunks', chunked.slice(0, -5)],
  ])('is a failure within a body %s', async (_framing, bytes) => {
    const { outcome, received } = await slowly(bytes, (socket) => socket.end());
    expect(outcome).toBe('unreachable');
    expect(body.startsWith(received)).toBe(true);
  });

  // Not up to the end of the connection: libuv may tell a reset as an end.
  it.each([
    ['with Content-Length', sized.slice(0, -1)],
    ['in chunks', chunked.slice(0, -5)],
  ])('is a failure when it is reset within a body %s', async (_framing, bytes) => {
    const { outcome } = await slowly(bytes, (socket) => socket.resetAndDestroy());
    expect(outcome).toBe('unreachable');
  });
});
