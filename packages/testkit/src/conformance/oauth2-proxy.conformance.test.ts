import { type ErrorCode, problem } from '@kafka-http-proxy/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { RawClient } from '../http/raw-client.js';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { echo, type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { type OpenIdProvider, startOpenIdProvider } from '../identity/openid-provider.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import { type Nginx, startNginx } from '../services/nginx.js';
import { Browser } from './browser.js';
import { askFrom, names, value } from './nginx-client.js';
import { type Oauth2Proxy, startOauth2Proxy } from './oauth2-proxy.js';

/*
 * The other way to say who may call: docker/nginx with its folder auth-request, and docker/oauth2-proxy, as they stand
 * there, in front of a proxy that asks nobody for anything.
 */

describe('nginx and oauth2-proxy in front of the proxy', () => {
  let provider: OpenIdProvider;
  let backend: ScriptedBackend;
  /** Of the topic that nginx.conf has for /api/users/. */
  let users: ScriptedBackend;
  let bridge: Bridge | undefined;
  let oauth2Proxy: Oauth2Proxy | undefined;
  let nginx: Nginx | undefined;
  let port: number;

  const bearer = (token: string) => `Authorization: Bearer ${token}`;
  const good = async (claims: object = {}) => bearer(await provider.issuer.token({ ...claims }));
  const ask = (headers: readonly string[], target = '/things/1') =>
    rawExchange(port, requestBytes('GET', target, headers));

  beforeAll(async () => {
    [provider, backend, users] = await Promise.all([startOpenIdProvider(), startBackend(), startBackend()]);
    [oauth2Proxy, bridge] = await Promise.all([
      startOauth2Proxy(provider),
      startBridge({
        broker: inject('broker'),
        backendUrl: backend.url,
        // nginx; docs/security.md has the same two keys.
        proxy: { TRUSTED_PROXIES: '127.0.0.1', CLIENT_TOPICS: 'trusted' },
      }),
    ]);
    await bridge.startProcessor({ KAFKA_TOPICS: `users:users-requests,users-responses,${users.url}` });
    nginx = await startNginx([bridge.proxies[0]?.port ?? 0], { oauth2ProxyPort: oauth2Proxy.port });
    port = nginx.port;
  }, 900_000);

  afterAll(async () => {
    await nginx?.stop();
    await oauth2Proxy?.stop();
    await bridge?.close();
    await Promise.all([backend, users, provider].map((one) => one?.close()));
  });

  beforeEach(() => {
    for (const one of [backend, users]) one.received.splice(0);
    backend.answer = echo;
  });

  it('lets a good token in, and tells the backend its subject instead of the token', async () => {
    const { statusLine } = await ask([await good({ sub: 'alice' }), 'Cookie: a=1; b=2', 'X-Kept: 1']);
    expect(statusLine).toBe('HTTP/1.1 200 OK');
    const [received] = backend.received;
    expect(value(received, 'x-auth-subject')).toBe('alice');
    expect(value(received, 'cookie')).toBe('a=1; b=2');
    expect(names(received)).toContain('x-kept');
    expect(names(received)).not.toContain('authorization');
  });

  it('drops what a client claims to be, by whatever name', async () => {
    const claims = [
      'X-Auth-Subject: root',
      'x-auth-subject: root',
      'X_Auth_Subject: root',
      'X-Auth-Request-User: root',
    ];
    await ask([...claims, await good({ sub: 'alice' })]);
    await ask([...claims, 'Connection: X-Auth-Subject', await good({ sub: 'alice' })]);
    expect(backend.received).toHaveLength(2);
    for (const received of backend.received) {
      expect(value(received, 'x-auth-subject')).toBe('alice');
      expect(names(received).filter((name) => /x.auth.subject/.test(name))).toHaveLength(1);
    }
  });

  it.each<[string, () => Promise<readonly string[]>, string]>([
    ['none', async () => [], 'Bearer'],
    ['one that has expired', async () => [await good({ exp: 1 })], 'Bearer error="invalid_token"'],
    ['one for others', async () => [await good({ aud: 'others' })], 'Bearer error="invalid_token"'],
    ['one of another issuer', async () => [await good({ iss: 'https://evil.test' })], 'Bearer error="invalid_token"'],
    ['one of two letters', async () => [bearer('ab')], 'Bearer error="invalid_token"'],
    ['one with another signature', async () => [`${await good()}AAAA`], 'Bearer error="invalid_token"'],
    ['a password', async () => ['Authorization: Basic YWxpY2U6YWxpY2U='], 'Bearer error="invalid_token"'],
    ['a session of nobody', async () => ['Cookie: _oauth2_proxy=abc|1|def'], 'Bearer'],
    ['one in the address', async () => [], 'Bearer'],
  ])('refuses a bad token with 401, before the backend hears of it: %s', async (what, headers, challenge) => {
    const target = what === 'one in the address' ? `/?access_token=${await provider.issuer.token()}` : '/';
    const { statusLine, headerLines, body } = await ask(await headers(), target);
    expect(statusLine).toBe('HTTP/1.1 401 Unauthorized');
    expect(headerLines).toEqual(
      expect.arrayContaining(['Content-Type: application/problem+json', `WWW-Authenticate: ${challenge}`]),
    );
    expect(JSON.parse(body.toString())).toEqual(problemOf('unauthenticated'));
    expect(backend.received).toEqual([]);
  });

  it.each([401, 403, 500])('leaves a %i of the backend as it is', async (status) => {
    backend.answer = (_, response) => {
      response.writeHead(status, { 'WWW-Authenticate': 'Basic realm="backend"', 'Content-Length': 2 }).end('no');
    };
    const { statusLine, headerLines, body } = await ask([await good()]);
    expect(statusLine).toContain(` ${status} `);
    expect(headerLines.filter((line) => /^www-authenticate/i.test(line))).toEqual([
      'WWW-Authenticate: Basic realm="backend"',
    ]);
    expect(body.toString()).toBe('no');
  });

  it('chooses topics, as nobody else does whom the proxy does not trust', async () => {
    expect((await ask([await good({ groups: ['staff'] })], '/api/users/1')).statusLine).toBe('HTTP/1.1 200 OK');
    expect(users.received.map(({ target }) => target)).toEqual(['/api/users/1']);
    const stranger = { 'X-Kafka-Topic': 'users-requests', 'X-Kafka-Timeout': '0.001', 'X-Forwarded-For': '6.6.6.6' };
    expect(await askFrom('127.0.0.2', bridge?.proxies[0]?.port ?? 0, '/api/users/2', stranger)).toBe(200);
    expect(users.received).toHaveLength(1);
    const [received] = backend.received;
    expect(received?.target).toBe('/api/users/2');
    expect(value(received, 'x-forwarded-for')).toBe('127.0.0.2');
  });

  it('refuses by path who is in none of its groups, with 403', async () => {
    for (const [target, groups, status] of [
      ['/api/users/1', [], '403'],
      ['/api//%75sers/1', ['customers'], '403'],
      ['/api/users/1', ['customers', 'staff'], '200'],
    ] as const) {
      const { statusLine, body } = await ask([await good({ groups })], target);
      expect([target, statusLine.split(' ')[1]]).toEqual([target, status]);
      if (status === '403') expect(JSON.parse(body.toString())).toEqual(problemOf('forbidden'));
    }
  });

  it.each([
    ['Content-Length: 5', 'hello'],
    ['Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
  ])('says no before it asks for a body, and asks for it only then: %s', async (framing, body) => {
    const head = (authorization: string) =>
      `POST /upload HTTP/1.1\r\nHost: test\r\n${framing}\r\nExpect: 100-continue\r\n${authorization}\r\n`;
    const refused = await RawClient.dial(port);
    refused.send(head(''));
    const answer = await refused.until(/\r\n\r\n/);
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain('WWW-Authenticate: Bearer\r\n');
    refused.socket.destroy();

    const taken = await RawClient.dial(port);
    taken.send(head(`${await good()}\r\n`));
    expect(await taken.until(/\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(backend.received).toEqual([]);
    taken.send(body);
    expect(await taken.until(/hello$/)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    taken.socket.destroy();
  });

  it('hands on what streams, as it comes', async () => {
    const upload = Buffer.alloc(2_500_000, 'x');
    const whole = await rawExchange(port, requestBytes('PUT', '/', [await good()], upload));
    expect(whole.statusLine).toBe('HTTP/1.1 200 OK');
    expect(backend.received[0]?.body.equals(upload)).toBe(true);

    backend.answer = (_, response) => {
      response.write('first');
      end = () => response.end('last');
    };
    let end = () => {};
    const client = await RawClient.dial(port);
    client.send(requestBytes('GET', '/events', [await good()]));
    await client.until(/first/);
    end();
    await client.until(/last/);
    client.socket.destroy();
  });

  it('sends a browser to log in and back to the page that it asked for, and keeps its session from the backend', async () => {
    const page = '/basket?a=1&b=2';
    provider.user = 'bob';
    const browser = new Browser(`http://127.0.0.1:${port}`);
    const answer = await browser.open(page);
    expect(answer.status).toBe(200);
    expect(browser.paths()).toEqual(['/basket', '/authorize', '/oauth2/callback', '/basket']);
    const [received] = backend.received;
    expect(received?.target).toBe(page);
    expect(value(received, 'x-auth-subject')).toBe('bob');
    expect(names(received)).not.toContain('cookie');

    const session = `_oauth2_proxy=${browser.cookies.get('_oauth2_proxy')}`;
    for (const cookies of [`${session}; a=1; b=2`, `a=1; ${session}; b=2`, `a=1; b=2; ${session}`]) {
      expect((await ask([`Cookie: ${cookies}`])).statusLine).toBe('HTTP/1.1 200 OK');
      expect(value(backend.received.at(-1), 'cookie')).toBe('a=1; b=2');
    }
    await browser.open('/oauth2/sign_out');
    expect(browser.paths().slice(0, 3)).toEqual(['/oauth2/sign_out', '/', '/authorize']);
  });

  it('lets nobody in while oauth2-proxy is away, and says 503', async () => {
    const headers = [await good()];
    await oauth2Proxy?.stop();
    const { statusLine, headerLines, body } = await ask(headers);
    oauth2Proxy = undefined;
    expect(statusLine).toBe('HTTP/1.1 503 Service Temporarily Unavailable');
    expect(headerLines).toContain('Retry-After: 1');
    expect(JSON.parse(body.toString())).toEqual(problemOf('auth_unavailable'));
    expect(backend.received).toEqual([]);
  });
});

/** What the proxy itself would say, but for the sentence. */
function problemOf(code: ErrorCode): object {
  const { type, title, status } = problem(code, '');
  return { type, title, status, code };
}
