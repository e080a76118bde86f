import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { fetchToken, withTokens } from './oauth-token.js';

const NOW = 1_800_000_000_000;

function jwt(claims: object): string {
  return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;
}

async function endpoint(status: number, body: string, headers: OutgoingHttpHeaders = {}) {
  const asked: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      asked.push({ headers: request.headers, body: text });
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token` };
}

function properties(url: string) {
  return {
    'sasl.mechanism': 'OAUTHBEARER',
    'sasl.oauthbearer.method': 'oidc',
    'sasl.oauthbearer.token.endpoint.url': url,
    'sasl.oauthbearer.client.id': 'the proxy',
    'sasl.oauthbearer.client.secret': 'hunter2',
    'sasl.oauthbearer.scope': 'kafka',
    'sasl.oauthbearer.extensions': 'logicalCluster=lkc-1,identityPoolId=pool=2',
  };
}

it('gets a token by client credentials', async () => {
  const token = jwt({ sub: 'proxy', exp: NOW / 1000 + 60 });
  const { asked, url } = await endpoint(200, JSON.stringify({ access_token: token, expires_in: 9 }));
  expect(await fetchToken(properties(url), NOW)).toEqual({
    tokenValue: token,
    lifetime: NOW + 60_000,
    principal: 'proxy',
    extensions: { logicalCluster: 'lkc-1', identityPoolId: 'pool=2' },
  });
  expect(asked[0]?.body).toBe('grant_type=client_credentials&scope=kafka');
  expect(asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('the%20proxy:hunter2').toString('base64')}`);
});

it('takes a token that is no JWT for as long as the answer says', async () => {
  const { url } = await endpoint(200, JSON.stringify({ access_token: 'opaque', expires_in: 30 }));
  expect(await fetchToken(properties(url), NOW)).toMatchObject({ lifetime: NOW + 30_000, principal: 'the proxy' });
});

it.each([
  [
    401,
    '{"error":"invalid_client"}',
    /no token for client the proxy from http.*: it answered 401 invalid_client\. Check/,
  ],
  [500, '<html>', /it answered 500\. Check/],
  [200, '{}', /its answer has no access_token/],
  [200, JSON.stringify({ access_token: jwt({ exp: NOW / 1000 - 1 }) }), /ended already/],
])('says what is wrong with an answer: %i %s', async (status, body, sentence) => {
  const { url } = await endpoint(status, body);
  const error = await fetchToken(properties(url), NOW).catch((caught: Error) => caught);
  expect((error as Error).message).toMatch(sentence);
  expect((error as Error).message).not.toContain('hunter2');
});

it('does not follow a redirect, which would take the secret elsewhere', async () => {
  const elsewhere = await endpoint(200, JSON.stringify({ access_token: 'opaque', expires_in: 30 }));
  const { url } = await endpoint(307, '', { location: elsewhere.url });
  await expect(fetchToken(properties(url), NOW)).rejects.toThrow(/it answered 307/);
  expect(elsewhere.asked).toEqual([]);
});

it('asks once, however the endpoint fails: librdkafka asks again by itself', async () => {
  const { asked, url } = await endpoint(503, '');
  await expect(fetchToken(properties(url), NOW)).rejects.toThrow(/it answered 503/);
  expect(asked).toHaveLength(1);
});

it('does not gather an answer without end', async () => {
  const { url } = await endpoint(200, 'x'.repeat(3_000_000));
  await expect(fetchToken(properties(url), NOW)).rejects.toThrow(/no token.*its answer is too long/);
});

it('says that the endpoint is not there', async () => {
  await expect(fetchToken(properties('http://127.0.0.1:1/token'), NOW)).rejects.toThrow(/no token.*ECONNREFUSED/);
});

it('leaves to librdkafka what it does itself', () => {
  const own = withTokens(properties('http://idp/token'));
  expect(own).toEqual({ 'sasl.mechanism': 'OAUTHBEARER', oauthbearer_token_refresh_cb: expect.any(Function) });
  const unsecured = { 'enable.sasl.oauthbearer.unsecure.jwt': true, 'sasl.oauthbearer.config': 'principal=a' };
  expect(withTokens(unsecured)).toBe(unsecured);
  const assertion = { ...properties('http://idp/token'), 'sasl.oauthbearer.grant.type': 'urn:jwt-bearer' };
  expect(withTokens(assertion)).toBe(assertion);
});
