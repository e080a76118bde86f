import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeServer, listen } from '../http/http-server.js';
import { type Issuer, startIssuer } from './issuer.js';

/** Where people log in: OpenID Connect by code (OpenID Connect Core §3.1), for one client and without a question asked. */
export interface OpenIdProvider {
  /** Its name, and where `/.well-known/openid-configuration` is. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The `sub` of who logs in next. */
  user: string;
  /** Its groups. */
  groups: readonly string[];
  /** Signs its tokens, those of programs too: `aud` is the client's id. */
  readonly issuer: Issuer;
  close(): Promise<void>;
}

/** What a code stands for until it is redeemed. */
interface Grant {
  readonly redirectUri: string | null;
  /** BASE64URL(SHA256(verifier)), RFC 7636 §4.2. */
  readonly challenge: string | null;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Starts a provider on this machine. */
export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  const grants = new Map<string, Grant>();
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: Error) => json(response, 400, { error: error.message }));
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  const issuer = await startIssuer({ name: url, audience: 'kafka-http' });
  const provider: OpenIdProvider = {
    url,
    clientId: issuer.audience,
    clientSecret: randomUUID(),
    user: 'alice',
    groups: [],
    issuer,
    async close() {
      await Promise.all([closeServer(server), issuer.close()]);
    },
  };

  const authorize = (asked: URLSearchParams, response: ServerResponse) => {
    if (asked.get('client_id') !== provider.clientId) throw new Error('unauthorized_client');
    const code = randomUUID();
    grants.set(code, {
      redirectUri: asked.get('redirect_uri'),
      challenge: asked.get('code_challenge'),
      claims: { sub: provider.user, groups: provider.groups, nonce: asked.get('nonce') ?? undefined },
    });
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    response.writeHead(302, { Location: back.href }).end();
  };
  const redeem = async (asked: URLSearchParams, authorization: string, response: ServerResponse) => {
    const code = asked.get('code') ?? '';
    const grant = grants.get(code);
    grants.delete(code);
    const proof = createHash('sha256')
      .update(asked.get('code_verifier') ?? '')
      .digest('base64url');
    const fits = grant?.redirectUri === asked.get('redirect_uri') && grant?.challenge === proof;
    if (!fits || !hasSecret(provider, asked, authorization)) throw new Error('invalid_grant');
    const idToken = await issuer.token(grant.claims);
    json(response, 200, { id_token: idToken, access_token: randomUUID(), token_type: 'Bearer', expires_in: 300 });
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    if (pathname === '/authorize') return authorize(searchParams, response);
    if (pathname !== '/token') return json(response, 200, metadata(url, issuer.jwksUrl));
    const body = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    await redeem(body, request.headers.authorization ?? '', response);
  };
  return provider;
}

/** OpenID Connect Discovery §3. */
function metadata(url: string, jwksUrl: string): object {
  return {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: jwksUrl,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
  };
}

/** RFC 6749 §2.3.1, in either form. */
function hasSecret(provider: OpenIdProvider, asked: URLSearchParams, authorization: string): boolean {
  const basic = `Basic ${Buffer.from(`${provider.clientId}:${provider.clientSecret}`).toString('base64')}`;
  return authorization === basic || asked.get('client_secret') === provider.clientSecret;
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
