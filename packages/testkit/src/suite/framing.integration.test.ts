import { beforeEach, describe, expect, it } from 'vitest';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { startRawBackend } from '../http/scripted-backend.js';
import { useBridge } from '../services/use-bridge.js';

/** What no HTTP server shows as it was: read and written as bytes at both ends. */
describe('bytes of both ends', () => {
  let answer = '';
  const stage = useBridge({ backend: () => startRawBackend((socket) => socket.end(answer, 'latin1')) });
  beforeEach(() => {
    answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';
    stage.backend.received.length = 0;
  });

  it.each(['GET', 'DELETE', 'OPTIONS', 'HEAD', 'POST', 'BREW'])(
    'Content-Length: 0 of %s reaches the backend, and none is made up',
    async (method) => {
      for (const lines of [['Content-Length: 0'], []]) {
        const { statusLine } = await rawExchange(stage.port, requestBytes(method, '/', lines));
        expect(statusLine).toBe('HTTP/1.1 200 OK');
      }
      const lengths = stage.backend.received.map((head) =>
        head
          .match(/^content-length:.*$/gim)
          ?.join()
          .toLowerCase(),
      );
      expect(lengths).toEqual(['content-length: 0', method === 'POST' ? 'content-length: 0' : undefined]);
    },
  );

  it.each([
    ['of a record', 10],
    ['longer than a record', 2_500_000],
  ])('3,000 header lines come back from a POST %s', async (_title, length) => {
    const lines = Array.from({ length: 3000 }, (_, i) => (i % 1000 === 999 ? `Set-Cookie: c${i}=1` : `X-${i}: ${i}`));
    answer = `HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok`;
    const { statusLine, headerLines } = await rawExchange(
      stage.port,
      requestBytes('POST', '/', [], Buffer.alloc(length)),
    );
    expect(statusLine).toBe('HTTP/1.1 200 OK');
    expect(headerLines.filter((line) => /^(?:x-\d|set-cookie)/i.test(line))).toEqual(lines);
  });
});
