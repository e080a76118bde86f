import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startStreamingBackend } from '../http/streaming-backend.js';
import { useBridge } from '../services/use-bridge.js';

const REPLY_BYTES = 100_000_000;
const READERS = 4;
const REQUESTS = 200;
/** What the readers may cost the others, as a ratio: whoever was held back by them would wait for seconds. */
const MOST_SLOWER = 10;

let written = 0;
const startBigBackend = () =>
  startStreamingBackend((request, response) => {
    if (request.url !== '/big') {
      response.end('small');
      return;
    }
    response.writeHead(200, { 'Content-Length': REPLY_BYTES });
    const piece = Buffer.alloc(50_000);
    let left = REPLY_BYTES / piece.length;
    const go = () => {
      let more = true;
      while (more && left > 0) {
        left--;
        written += piece.length;
        more = response.write(piece);
      }
    };
    response.on('drain', go);
    go();
  });
const stage = useBridge({ backend: startBigBackend });

it('clients that read 1 KB/s of 100 MB hold back their own backend calls, and nobody else', async () => {
  const aloneMs = await medianMs();
  const readers = Array.from({ length: READERS }, () => {
    const socket = connect(stage.port, '127.0.0.1');
    socket.write('GET /big HTTP/1.1\r\nHost: h\r\n\r\n');
    return socket;
  });
  // Without a listener for data, a socket takes only what is read.
  await Promise.all(readers.map((socket) => once(socket, 'readable')));
  const trickle = setInterval(() => {
    for (const socket of readers) socket.read(100);
  }, 100);

  const besideMs = await medianMs();
  clearInterval(trickle);
  expect(besideMs).toBeLessThan(aloneMs * MOST_SLOWER);
  expect(readers.map((socket) => socket.closed)).toEqual(readers.map(() => false));
  expect(written).toBeLessThan((READERS * REPLY_BYTES) / 4);
  for (const socket of readers) socket.destroy();
});

/** How long a small request takes, in the middle of many: what a busy machine does to a few is not looked at. */
async function medianMs(): Promise<number> {
  const tookMs: number[] = [];
  for (let i = 0; i < REQUESTS; i++) {
    const startedMs = performance.now();
    const response = await fetch(stage.bridge.origin);
    expect(await response.text()).toBe('small');
    tookMs.push(performance.now() - startedMs);
  }
  return tookMs.sort((a, b) => a - b)[REQUESTS / 2] as number;
}
