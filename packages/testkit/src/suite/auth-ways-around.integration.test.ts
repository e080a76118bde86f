import { beforeAll, describe, expect, it } from 'vitest';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { ask, codeOf, issuerEnv, statusOf, useGuardedBridge } from './auth-stage.js';

/** Ways around the lock of a route: all lead to its topic, or to its path as a backend may read it. */
const stage = useGuardedBridge();
let port: number;
let token: (claims?: object) => Promise<string>;
const OPEN = 'open-requests';
beforeAll(async () => {
  const { requestTopic } = stage.bridge;
  const routes = [
    { path: '/open', request_topic: OPEN, auth: 'none' },
    { path: '/orders', request_topic: requestTopic, scopes: ['orders:write'] },
    // On the same topic, for whoever comes: what is below it is not to be had by it.
    { path: '/docs', request_topic: requestTopic, auth: 'none' },
  ];
  const env = { ...issuerEnv(stage.issuer), ROUTES: JSON.stringify(routes), DEFAULT_REQUEST_TOPIC: requestTopic };
  port = (await stage.bridge.startProxy(env)).port as number;
  token = async (claims = {}) => `Authorization: Bearer ${await stage.issuer.token({ ...claims })}`;
});

const untouched = async (target: string, lines: readonly string[]) => {
  const before = stage.backend.received.length;
  const answer = await ask(port, lines, target);
  expect(stage.backend.received.length).toBe(before);
  return [statusOf(answer), codeOf(answer)];
};

describe('a topic that a client names', () => {
  const named = () => `X-Kafka-Topic: ${stage.bridge.requestTopic}`;

  it.each(['/open', '/open/orders', '/elsewhere', '/orders'])(
    'is locked as its routes are, by way of %s',
    async (target) => {
      expect(await untouched(target, [named()])).toEqual([401, 'unauthenticated']);
      expect(await untouched(target, [named(), await token()])).toEqual([403, 'forbidden']);
    },
  );

  it('is open to who may go there', async () => {
    const scoped = await token({ scope: 'orders:write' });
    expect(statusOf(await ask(port, [named(), scoped], '/orders/1'))).toBe(200);
  });
});

describe('a path that a backend may read as another', () => {
  it.each([
    '/docs/../orders/1',
    '/docs/%2e%2e/orders/1',
    '/docs/.%2E/orders/1',
    '/docs/..%2forders/1',
    '/docs/..\\orders/1',
    '/docs/%2e%2e%5corders',
    '/docs/./../orders',
    '/docs/a/b/../../../orders',
    '/docs//../../orders',
    '/docs/..;/orders',
  ])('is locked: %s', async (target) => {
    const [status] = await untouched(target, []);
    expect([400, 401]).toContain(status);
  });

  it.each(['//orders/1', '/./orders/1', '/%6frders/1', '/orders%2f1', '/orders;x=1/1', '/ORDERS/1'])(
    'needs no less than a token: %s',
    async (target) => {
      expect(await untouched(target, [])).toEqual([401, 'unauthenticated']);
    },
  );

  it.each(['//orders/1', '/./orders/1', '/%6frders/1', '/%6Frders', '/x/../orders/1', '/x/%2e%2e/orders/1'])(
    'needs the scopes of what it is read as: %s',
    async (target) => {
      const [status] = await untouched(target, [await token()]);
      expect([400, 403]).toContain(status);
    },
  );

  it.each(['/docs', '/docs/', '/docs/a..b', '/docs/caf%C3%A9%20b', '/docs?x=/../orders'])(
    'is not taken for one by its looks: %s',
    async (target) => {
      expect(statusOf(await ask(port, [], target))).toBe(200);
      expect(stage.backend.received.at(-1)?.target).toBe(target);
    },
  );
});

describe('a method', () => {
  it.each(['OPTIONS', 'HEAD', 'TRACE', 'PURGE'])('needs what others need: %s', async (method) => {
    const answer = await rawExchange(port, requestBytes(method, '/orders/1'));
    expect(statusOf(answer)).toBe(401);
  });
});
