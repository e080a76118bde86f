import { describe, expect, it } from 'vitest';
import { answer, backend, OK, ways } from '../testing/call-backend.js';

describe('a request to a backend', () => {
  it('goes out with its target, header order, case, repeats and bytes as they are', async () => {
    const { call, requests, url } = await backend(OK);
    const body = Buffer.from([0, 255, 10, 13, 128, 192]);
    const target = "/%2e%2E/a//b?x=1&x=2&y=%zz'\xe9";
    const headers = ['x-B', '1', 'X-a', '2', 'x-B', '3', 'X-Latin', 'caf\xe9'];
    answer(await call({ method: 'POST', target, headers, body }));
    const [head, sent] = (requests[0] as string).split('\r\n\r\n');
    expect(head?.split('\r\n')).toEqual([
      `POST ${target} HTTP/1.1`,
      `host: ${new URL(url).host}`,
      'connection: keep-alive',
      'x-B: 1',
      'X-a: 2',
      'x-B: 3',
      'X-Latin: caf\xe9',
      'content-length: 6',
    ]);
    expect(Buffer.from(sent as string, 'latin1')).toEqual(body);
  });

  it('sends custom methods, and bodies with GET and DELETE', async () => {
    const { call, requests } = await backend(OK);
    for (const method of ['BREW', 'GET', 'DELETE']) answer(await call({ method, body: Buffer.from('hi') }));
    for (const [i, method] of ['BREW', 'GET', 'DELETE'].entries()) {
      expect(requests[i]).toMatch(new RegExp(`^${method} / .*content-length: 2\r\n\r\nhi$`, 's'));
    }
  });

  it.each(['GET', 'DELETE', 'POST', 'BREW'])('tells an empty body of %s from none', async (method) => {
    const { call, requests } = await backend(OK);
    answer(await call({ method, body: Buffer.alloc(0) }));
    expect(requests[0]).toMatch(/content-length: 0\r\n/i);
    answer(await call({ method, body: null }));
    if (method !== 'POST') expect(requests[1]).not.toMatch(/content-length|transfer-encoding/i);
  });

  it('sends OPTIONS * as it is', async () => {
    const { call, requests, url } = await backend(OK);
    const { head, body } = answer(await call({ method: 'OPTIONS', target: '*', headers: ['x-A', '1', 'X-a', '2'] }));
    const lines = (requests[0] as string).split('\r\n');
    expect(lines.slice(0, 4)).toEqual(['OPTIONS * HTTP/1.1', `Host: ${new URL(url).host}`, 'x-A: 1', 'X-a: 2']);
    expect([head.status, body?.toString()]).toEqual([200, 'ok']);
  });

  it.each(ways)('sends another Host where one is given (%s)', async (_way, request) => {
    const { call, requests } = await backend(OK);
    answer(await call({ ...request, host: 'client.example' }));
    expect((requests[0] as string).match(/^host:.*$/gim)).toEqual([expect.stringMatching(/host: client.example/i)]);
  });

  it('uses connections again', async () => {
    const { call, server } = await backend(OK);
    for (let i = 0; i < 20; i++) answer(await call());
    // A connection is free again a turn of the event loop after its answer, so two take turns.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });
});
