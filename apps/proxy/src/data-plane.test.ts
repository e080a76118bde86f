import { proxyConfig } from '@kafka-http-proxy/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { replyOf, startTestIngress, type TestIngress } from './testing/ingress.js';

const BASE = { routes: [{ path: '/a', request_topic: 'a' }], max_pending: 10 };

async function start(settings: Record<string, unknown> = {}): Promise<TestIngress> {
  const test = await startTestIngress({ ...BASE, ...settings });
  onTestFinished(test.stop);
  return test;
}

const send = (test: TestIngress, path: string, body?: string) =>
  fetch(`http://127.0.0.1:${test.port}${path}`, body === undefined ? {} : { method: 'POST', body });

it('sends requests by the routes that are in effect, and limits by them', async () => {
  const test = await start();
  expect((await send(test, '/b')).status).toBe(404);
  test.ingress.change(
    proxyConfig.parse({ ...BASE, max_body_size: 3, routes: [{ path: '/b', request_topic: 'b', timeout: 2 }] }),
    () => undefined,
  );
  expect((await send(test, '/b', 'xyz')).status).toBe(200);
  expect(test.arrived.at(-1)?.to).toMatchObject({ requestTopic: 'b', timeoutMs: 2000 });
  expect((await send(test, '/b', 'wxyz')).status).toBe(413);
  expect((await send(test, '/a')).status).toBe(404);
});

it('tells when the last request is done that came before a change', async () => {
  const test = await start();
  const answers: (() => void)[] = [];
  test.answer = ({ waiter }) => answers.push(() => waiter.reply(replyOf({ body: Buffer.from('late') })));
  const waiting = send(test, '/a');
  await expect.poll(() => answers.length).toBe(1);
  let isEnded = false;
  const ended = new Promise<void>((resolve) => {
    test.ingress.change(proxyConfig.parse(BASE), () => {
      isEnded = true;
      resolve();
    });
  });
  test.answer = ({ waiter }) => waiter.reply(replyOf());
  expect((await send(test, '/a')).status).toBe(200);
  expect(isEnded).toBe(false);
  answers[0]?.();
  expect(await (await waiting).text()).toBe('late');
  await ended;
});

it('takes fewer at once, and waits less for a head, from a change on', async () => {
  const test = await start({ headers_timeout: 60 });
  test.answer = () => undefined;
  const first = send(test, '/a').catch(() => undefined);
  await expect.poll(() => test.arrived.length).toBe(1);
  test.ingress.change(proxyConfig.parse({ ...BASE, max_pending: 1, headers_timeout: 0.1 }), () => undefined);
  expect((await send(test, '/a')).status).toBe(503);
  const slow = await test.dial();
  slow.send('GET /a HTTP/1.1\r\nHost: h\r\n');
  expect(String(await slow.rest())).toContain(' 408 ');
  test.stop();
  await first;
});
