import { beforeAll, describe, expect, inject, it } from 'vitest';
import { rawExchange } from '../http/raw-http.js';
import { echo } from '../http/scripted-backend.js';
import { readUntil } from '../kafka/probe.js';
import type { ServiceProcess } from '../services/service-process.js';
import { ask, askWith, codeOf, fieldOf, issuerEnv, metadataOf, statusOf, useGuardedBridge } from './auth-stage.js';

const CLAIMS = { sub: 'X-Auth-Subject', tenant: 'X-Tenant', roles: 'X-Roles' };
const stage = useGuardedBridge({
  proxy: { AUTH_JWT_CLAIMS: JSON.stringify(CLAIMS) },
  both: { DEAD_LETTER: 'all' },
});

/** The record of a request, which is found by its target. */
async function recordOf(target: string, topic = stage.bridge.requestTopic) {
  const isIt = (record: Parameters<typeof metadataOf>[0]) => metadataOf(record).target === target;
  const records = await readUntil(inject('broker'), topic, (all) => all.some(isIt));
  return records.find(isIt);
}

describe('who asked', () => {
  it('stands in the record, and the token does not', async () => {
    const token = await stage.issuer.token();
    expect(statusOf(await askWith(stage.port, token, '/audit/1'))).toBe(200);
    const record = await recordOf('/audit/1');
    expect(metadataOf(record).principal).toBe('alice@https://issuer.test');
    expect(JSON.stringify(metadataOf(record))).not.toContain(token.slice(0, 40));
    expect(JSON.stringify(stage.backend.received.at(-1)?.rawHeaders)).not.toContain('issuer.test');
  });

  it('stands in the dead letter', async () => {
    stage.backend.answer = (_, response) => void response.destroy();
    const lines = [`Authorization: Bearer ${await stage.issuer.token({ sub: 'bob' })}`];
    expect(statusOf(await ask(stage.port, lines, '/audit/2'))).toBeGreaterThanOrEqual(500);
    stage.backend.answer = echo;
    const letter = await recordOf('/audit/2', stage.bridge.deadLetterTopic);
    expect(metadataOf(letter, 'khp-error').principal).toBe('bob@https://issuer.test');
  });

  it('stands behind a name that has an @ itself, so that the issuer is what follows the last one', async () => {
    const token = await stage.issuer.token({ sub: 'root@https://issuer.test' });
    expect(statusOf(await askWith(stage.port, token, '/audit/3'))).toBe(200);
    expect(metadataOf(await recordOf('/audit/3')).principal).toBe('root@https://issuer.test@https://issuer.test');
  });
});

describe('claims that backends get', () => {
  const got = (name: string) => fieldOf(stage.backend.received.at(-1), name);
  const bearer = async (claims: object) => `Authorization: Bearer ${await stage.issuer.token({ ...claims })}`;

  it('are those of the token, whatever the client says', async () => {
    const spoofed = ['X-Auth-Subject: admin', 'x-auth-subject: root', 'X-Tenant: other', 'X-Roles: admin'];
    await ask(stage.port, [...spoofed, await bearer({ tenant: 'acme' })]);
    const raw = stage.backend.received.at(-1)?.rawHeaders ?? [];
    const values = raw.filter((_, i) => i % 2 === 1 && /^x-(?:auth-subject|tenant|roles)$/i.test(raw[i - 1] ?? ''));
    expect(values.sort()).toEqual(['acme', 'alice']);
  });

  it('are those of the token that was judged here, also where a trusted proxy passes on others', async () => {
    const env = { ...issuerEnv(stage.issuer), AUTH_JWT_CLAIMS: JSON.stringify(CLAIMS), TRUSTED_PROXIES: '127.0.0.1' };
    const { port } = await stage.bridge.startProxy(env);
    await ask(port as number, ['X-Auth-Subject: admin', 'X_Tenant: other', 'X-Roles: admin', await bearer({})]);
    expect([got('X-Auth-Subject'), got('X_Tenant'), got('X-Roles')]).toEqual(['alice', undefined, undefined]);
  });

  it('are none under names that a CGI takes for the same', async () => {
    await ask(stage.port, ['X_Auth_Subject: admin', 'X-Auth_Subject: admin', await bearer({})]);
    const raw = stage.backend.received.at(-1)?.rawHeaders ?? [];
    expect(raw).not.toContain('admin');
  });

  it('are none behind the body', async () => {
    const seen: NodeJS.Dict<string>[] = [];
    stage.backend.answer = (request, response, incoming) => {
      seen.push(incoming.trailers);
      echo(request, response, incoming);
    };
    const chunked = ['Transfer-Encoding: chunked', 'Trailer: X-Auth-Subject', await bearer({})];
    const request = `POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n${chunked.join('\r\n')}\r\n\r\n`;
    await rawExchange(stage.port, `${request}1\r\nx\r\n0\r\nX-Auth-Subject: admin\r\n\r\n`);
    stage.backend.answer = echo;
    expect(seen.map((trailers) => trailers['x-auth-subject'])).toEqual([undefined]);
    expect(got('X-Auth-Subject')).toBe('alice');
  });

  it.each([
    ['a list', { roles: ['a', 'b'] }],
    ['a number', { tenant: 7 }],
    ['text with a line break', { tenant: 'acme\r\nX-Roles: admin' }],
    ['text in Unicode', { tenant: 'Zoë' }],
    ['an object', { tenant: { name: 'acme' } }],
    ['null', { tenant: null }],
  ])('that are %s break no message', async (_, claims) => {
    const answer = await ask(stage.port, [await bearer(claims)]);
    expect([200, 401]).toContain(statusOf(answer));
    if (statusOf(answer) === 200) expect(got('X-Roles')).not.toBe('admin');
  });
});

describe('scopes', () => {
  let port: number;
  let proxy: ServiceProcess;
  beforeAll(async () => {
    const routes = [
      { path: '/orders', request_topic: stage.bridge.requestTopic, scopes: ['orders:write', 'orders:read'] },
      { path: '/open', request_topic: stage.bridge.requestTopic, auth: 'none' },
    ];
    proxy = await stage.bridge.startProxy({ ...issuerEnv(stage.issuer), ROUTES: JSON.stringify(routes) });
    port = proxy.port as number;
  });

  it.each([
    ['scope, a text', { scope: 'orders:read orders:write profile' }],
    ['scp, a list', { scp: ['orders:write', 'orders:read'] }],
    ['scp, a text', { scp: 'orders:write orders:read' }],
  ])('are found in %s', async (_, claims) => {
    expect(statusOf(await askWith(port, await stage.issuer.token(claims), '/orders/1'))).toBe(200);
  });

  it.each([
    ['there are none', {}],
    ['one is missing', { scope: 'orders:write' }],
    ['one only begins so', { scope: 'orders:write orders:readers' }],
    ['they are in other letters', { scope: 'ORDERS:WRITE ORDERS:READ' }],
    ['they are in a list in scope', { scope: [['orders:write', 'orders:read']] }],
  ])('that are missing are named: %s', async (_, claims) => {
    const before = stage.backend.received.length;
    const answer = await askWith(port, await stage.issuer.token(claims), '/orders/1');
    expect([statusOf(answer), codeOf(answer)]).toEqual([403, 'forbidden']);
    const challenge = fieldOf(answer, 'WWW-Authenticate');
    expect(challenge).toMatch(/^Bearer .*error="insufficient_scope"/);
    expect(challenge).toContain('scope="orders:write orders:read"');
    expect(stage.backend.received.length).toBe(before);
  });

  it('are not asked for where nobody is', async () => {
    expect(statusOf(await ask(port, [], '/open'))).toBe(200);
    expect(statusOf(await ask(port, [], '/orders'))).toBe(401);
  });

  it('are counted as what they are', async () => {
    expect(await proxy.metric('proxy_auth_total', { method: 'jwt', result: 'ok' })).toBeGreaterThan(0);
  });
});
