import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { closeServer, listen } from '../http/http-server.js';
import type { Issued } from './certificates.js';

/** An OAuth 2 token endpoint for client credentials (RFC 6749 section 4.4), over HTTPS. */
export interface TokenEndpoint {
  readonly url: string;
  /** `file:` URL of the JSON Web Key Set with the key of its tokens (RFC 7517). */
  readonly keysUrl: string;
  /** Client ids and their secrets; a client gets tokens of its own name. */
  readonly clients: Map<string, string>;
  /** Tokens given out. */
  readonly given: number;
  close(): Promise<void>;
}

export interface TokenEndpointOptions {
  /** Where the key set is written. */
  readonly dir: string;
  readonly audience: string;
  /** Of the endpoint. */
  readonly certificate: Issued;
  /** False: tokens without a signature (`alg` none), which Kafka's own validator of its early versions takes. */
  readonly signed: boolean;
  /** s; 3600 when left out. */
  readonly lifetime?: number;
}

const KEY_ID = 'test';

export async function startTokenEndpoint(options: TokenEndpointOptions): Promise<TokenEndpoint> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = join(options.dir, 'keys.json');
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' };
  await writeFile(keys, JSON.stringify({ keys: [jwk] }));
  const clients = new Map<string, string>();
  let given = 0;

  const [cert, key] = await Promise.all(
    [options.certificate.certificate, options.certificate.key].map((path) => readFile(path)),
  );
  const server = createServer({ cert, key }, (request, response) => {
    const [client = '', secret = ''] = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64')
      .toString()
      .split(':')
      .map(decodeURIComponent);
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const known =
        clients.get(client) === secret && new URLSearchParams(body).get('grant_type') === 'client_credentials';
      response.writeHead(known ? 200 : 401, { 'Content-Type': 'application/json' });
      if (!known) return response.end(JSON.stringify({ error: 'invalid_client' }));
      given++;
      const lifetime = options.lifetime ?? 3600;
      const token = jwt({ sub: client, aud: options.audience }, lifetime, options.signed ? privateKey : null);
      return response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: lifetime }));
    });
  });
  const port = await listen(server);
  return {
    url: `https://127.0.0.1:${port}/token`,
    keysUrl: pathToFileURL(keys).href,
    clients,
    get given() {
      return given;
    },
    close: () => closeServer(server),
  };
}

/** A JSON Web Token (RFC 7519) with the claims, of this moment. */
function jwt(claims: object, lifetime: number, key: KeyObject | null): string {
  const now = Math.floor(Date.now() / 1000);
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const header = key === null ? { alg: 'none' } : { alg: 'RS256', kid: KEY_ID };
  const body = `${encode(header)}.${encode({ ...claims, iat: now, exp: now + lifetime })}`;
  return `${body}.${key === null ? '' : sign('RSA-SHA256', Buffer.from(body), key).toString('base64url')}`;
}
