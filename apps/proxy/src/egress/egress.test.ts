import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HeaderList, ReplyEnvelope } from '@kafka-http-proxy/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeReply } from './egress.js';

async function written(headers: HeaderList): Promise<string[]> {
  const reply = { status: 200, reason: null, headers, body: Buffer.from('ok'), trailers: null } as ReplyEnvelope;
  const server = createServer((_, response) => writeReply(response, reply, { method: 'GET', close: true, own: {} }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  const { rawHeaders } = response;
  return rawHeaders.filter((_, i) => i % 2 === 1 && /^date$/i.test(rawHeaders[i - 1] as string));
}

describe('a reply', () => {
  it('gets a Date where the backend sent none', async () => {
    const [date, ...more] = await written(['X-A', 'b']);
    expect(Math.abs(Date.parse(date as string) - Date.now())).toBeLessThan(60_000);
    expect(more).toEqual([]);
  });

  it('keeps the Date of the backend', async () => {
    expect(await written(['dAte', 'once upon a time'])).toEqual(['once upon a time']);
  });
});
