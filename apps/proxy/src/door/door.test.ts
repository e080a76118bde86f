import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { startTestIngress, type TestIngress } from '../testing/ingress.js';

const directory = mkdtempSync(join(tmpdir(), 'khp-door-'));
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwks = join(directory, 'jwks.json');
const keys = join(directory, 'keys.yaml');
writeFileSync(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }));
writeFileSync(keys, `shop: {sha256: ${createHash('sha256').update('open sesame').digest('hex')}, scopes: [read]}\n`);
const auth = {
  jwt: { issuer: 'https://idp', audience: 'orders', jwks, claims: { sub: 'X-Auth-Subject' } },
  api_keys: { file: keys },
};

let ingress: TestIngress;
afterEach(() => ingress.stop());
afterAll(() => rmSync(directory, { recursive: true }));

const now = () => Math.floor(Date.now() / 1000);
const token = async (claims: Record<string, unknown> = {}, key: KeyObject = privateKey) =>
  await new SignJWT({ sub: 'anna', iss: 'https://idp', aud: 'orders', exp: now() + 300, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .sign(key);

/** Sends a request alone on its connection; resolves with the whole answer. */
async function ask(fields: readonly string[] = [], line = 'GET / HTTP/1.1'): Promise<string> {
  const client = await ingress.dial();
  const lines = [line, 'Host: h', 'Connection: close', ...fields];
  client.send(`${lines.join('\r\n')}\r\n\r\n`);
  return await client.rest();
}

const bearer = (text: string) => `Authorization: Bearer ${text}`;
const lastHeaders = () => ingress.arrived.at(-1)?.headers.join(' ');

describe('the door', () => {
  it('lets in who has a good token, and says whose request it is, whatever the client says of that', async () => {
    ingress = await startTestIngress({ auth });
    const spoofs = ['X-Auth-Subject: root', 'x_auth_subject: root'];
    expect(await ask([bearer(await token()), ...spoofs])).toContain(' 200 ');
    expect(ingress.arrived[0]?.principal).toBe('anna@https://idp');
    expect(lastHeaders()).toBe('Host h X-Auth-Subject anna');
    expect(ingress.judged).toEqual(['jwt ok']);
  });

  it('says what it wants of who shows nothing, and what was wrong of who shows something', async () => {
    ingress = await startTestIngress({ auth });
    const none = await ask();
    expect(none).toContain('WWW-Authenticate: Bearer realm="kafka-proxy"\r\nWWW-Authenticate: ApiKey');
    expect(none).toContain('"code":"unauthenticated"');
    expect(await ask([bearer(await token({ exp: now() - 61 }))])).toContain(
      'error="invalid_token", error_description="The token has expired (exp)."',
    );
    expect(await ask(['X-API-Key: open'])).toContain('The key is not known.');
    expect(await ask([bearer('a'), bearer('b')])).toContain('Authorization was sent more than once.');
    expect(ingress.arrived).toEqual([]);
    expect(ingress.judged).toEqual(['none missing', 'jwt invalid', 'api_key invalid', 'jwt invalid']);
  });

  it('takes keys, and keeps them to itself', async () => {
    ingress = await startTestIngress({ auth });
    expect(await ask(['X-API-Key: open sesame', 'X-Other: 1'])).toContain(' 200 ');
    expect(ingress.arrived[0]?.principal).toBe('shop@api_key');
    expect(lastHeaders()).toBe('Host h X-Other 1');
  });

  it('takes no empty key, whatever the file says', async () => {
    const empty = join(directory, 'empty.yaml');
    writeFileSync(empty, `nobody: ${createHash('sha256').update('').digest('hex')}\n`);
    ingress = await startTestIngress({ auth: { api_keys: { file: empty } } });
    expect(await ask(['X-API-Key:'])).toContain(' 401 ');
  });

  it('sends credentials on where that is wanted', async () => {
    const forwarding = { jwt: { ...auth.jwt, forward: true }, api_keys: { ...auth.api_keys, forward: true } };
    ingress = await startTestIngress({ auth: forwarding });
    const good = await token();
    await ask([bearer(good)]);
    expect(lastHeaders()).toContain(`Authorization Bearer ${good}`);
    await ask(['X-API-Key: open sesame']);
    expect(lastHeaders()).toContain('X-API-Key open sesame');
  });

  it('asks each route for what it needs', async () => {
    const routes = [
      { path: '/open', request_topic: 'open', auth: 'none' },
      { path: '/read', request_topic: 'read', scopes: ['read'] },
      { path: '/keys', request_topic: 'keys', auth: ['api_key'], scopes: ['read', 'write'] },
    ];
    ingress = await startTestIngress({ auth, routes });
    expect(await ask([], 'GET /open HTTP/1.1')).toContain(' 200 ');
    expect(await ask([bearer(await token({ scope: 'write read' }))], 'GET /read HTTP/1.1')).toContain(' 200 ');
    expect(await ask([bearer(await token({ scp: ['read'] }))], 'GET /read HTTP/1.1')).toContain(' 200 ');
    const little = await ask([bearer(await token({ scope: 'readers' }))], 'GET /read HTTP/1.1');
    expect(little).toContain(' 403 ');
    expect(little).toContain('error="insufficient_scope", scope="read"');
    expect(await ask([bearer(await token({ scope: 'read' }))], 'GET /keys HTTP/1.1')).toContain(' 401 ');
    expect(await ask(['X-API-Key: open sesame'], 'GET /keys HTTP/1.1')).toContain(' 403 ');
    // Only who is let in hears that nothing is there.
    expect(await ask([], 'GET /nowhere HTTP/1.1')).toContain(' 401 ');
    expect(await ask(['X-API-Key: open sesame'], 'GET /nowhere HTTP/1.1')).toContain(' 404 ');
  });

  it('lets nobody round a route by naming its topic', async () => {
    const routes = [
      { path: '/open', request_topic: 'open', auth: 'none' },
      { path: '/read', request_topic: 'read', scopes: ['read'] },
    ];
    ingress = await startTestIngress({ auth, routes });
    const naming = async (topic: string, ...fields: string[]) =>
      (await ask([`X-Kafka-Topic: ${topic}`, ...fields], 'GET /open HTTP/1.1')).slice(9, 12);
    expect(await naming('open')).toBe('200');
    expect(await naming('read')).toBe('401');
    expect(await naming('read', bearer(await token()))).toBe('403');
    expect(await naming('read', 'X-API-Key: open sesame')).toBe('200');
    expect(await naming('another')).toBe('401');
  });

  it('answers 401 before the body, and asks for none of it', async () => {
    ingress = await startTestIngress({ auth });
    const client = await ingress.dial();
    client.send('POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n');
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1.1 401 /);
    client.close();
  });

  it('judges each request of a connection by itself', async () => {
    ingress = await startTestIngress({ auth });
    const client = await ingress.dial();
    const line = 'GET / HTTP/1.1\r\nHost: h\r\n';
    const good = `${line}${bearer(await token())}\r\n\r\n`;
    client.send(
      `${good}${line}\r\n${good}${line}${bearer(await token({ aud: 'others' }))}\r\nConnection: close\r\n\r\n`,
    );
    const answers = (await client.rest()).match(/HTTP\/1.1 \d+/g);
    expect(answers).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401', 'HTTP/1.1 200', 'HTTP/1.1 401']);
  });

  it('lets no field behind a body say what none before it may', async () => {
    ingress = await startTestIngress({ auth });
    const client = await ingress.dial();
    const head = `POST / HTTP/1.1\r\nHost: h\r\n${bearer(await token())}\r\nTransfer-Encoding: chunked\r\nTrailer: X-A\r\n`;
    client.send(`${head}Connection: close\r\n\r\n1\r\nx\r\n0\r\nX-Auth-Subject: root\r\nX-A: 1\r\n\r\n`);
    await client.rest();
    expect(ingress.arrived[0]?.trailers).toEqual(['X-A', '1']);
  });

  it('counts who shows nothing good, before its signature is looked at or by its address', async () => {
    const few = { requests: 2, window: 3600 };
    ingress = await startTestIngress({ auth, rate_limit: { by: 'client', ...few } });
    const statuses = async (...fields: string[][]) => {
      const found: string[] = [];
      for (const more of fields) found.push((await ask(more)).slice(9, 12));
      return found;
    };
    const good = [bearer(await token())];
    expect(await statuses([bearer('bad')], [], [bearer('bad')], good)).toEqual(['401', '401', '429', '429']);
    expect(ingress.judged).toEqual(['jwt invalid', 'none missing']);
    ingress.stop();
    ingress = await startTestIngress({ auth, rate_limit: { by: 'principal', ...few } });
    expect(await statuses([bearer('bad')], [], [bearer('bad')])).toEqual(['401', '401', '429']);
    // Who is known has tokens of his own.
    expect(await statuses(good, ['X-API-Key: open sesame'], good, good)).toEqual(['200', '200', '200', '429']);
  });
});
