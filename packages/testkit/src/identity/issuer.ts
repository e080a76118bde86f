import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type JWTPayload, SignJWT } from 'jose';
import { closeServer, listen } from '../http/http-server.js';
import { ALGORITHMS, type Algorithm, createSigningKey, type SigningKey } from './signing-key.js';

/** How its key set is answered. */
export type IssuerMode =
  /** As it should be. */
  | 'on'
  /** Nothing listens there. */
  | 'away'
  /** Connections are taken and requests read; the answers come when the mode is another. */
  | 'hang'
  /** 503. */
  | 'unavailable'
  /** 200 with a page for people. */
  | 'garbage'
  /** 200 with a set of no keys. */
  | 'empty'
  /** 200 with a body that never ends. */
  | 'endless'
  /** 302 to the same place. */
  | 'redirect';

/** Of one token. A claim that is undefined is left out. */
export interface TokenOptions {
  /** RS256 when left out. */
  readonly alg?: Algorithm;
  /** The newest of its keys for `alg` when left out. */
  readonly key?: SigningKey;
  /** Further fields of the header. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** An issuer of tokens (RFC 7519) with a key set that others fetch (RFC 7517). */
export interface Issuer {
  /** What its tokens say in `iss`. */
  readonly name: string;
  /** What its tokens say in `aud`. */
  readonly audience: string;
  readonly jwksUrl: string;
  /** Requests for the key set so far, however they were answered. */
  readonly fetches: number;
  /** When the key set was last asked for, ms since the epoch; 0: never. */
  readonly lastFetchMs: number;
  readonly mode: IssuerMode;
  /** The keys that it publishes, oldest first. Tests may add to them and take away. */
  readonly keys: SigningKey[];
  setMode(mode: IssuerMode): Promise<void>;
  /** Signs by new keys from now on, which are published beside the old ones. @returns the old ones */
  rotate(): Promise<SigningKey[]>;
  /** Publishes these no more. */
  withdraw(keys: readonly SigningKey[]): void;
  /** The newest key for an algorithm. */
  keyOf(alg: Algorithm): SigningKey;
  /** The claims of a good token, of this moment and for five minutes. */
  claims(claims?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** A good token, but for what is asked otherwise. */
  token(claims?: Readonly<Record<string, unknown>>, options?: TokenOptions): Promise<string>;
  close(): Promise<void>;
}

export interface IssuerOptions {
  /** `https://issuer.test` when left out: a name, where nobody looks. */
  readonly name?: string;
  /** `orders-api` when left out. */
  readonly audience?: string;
  readonly mode?: IssuerMode;
  /** PEM, for HTTPS; plain HTTP when left out, which is taken of this machine only. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Starts an issuer with a key for each algorithm. */
export async function startIssuer(options: IssuerOptions = {}): Promise<Issuer> {
  const { name = 'https://issuer.test', audience = 'orders-api', tls } = options;
  const newKeys = () => Promise.all(ALGORITHMS.map((alg) => createSigningKey(alg)));
  const keys = await newKeys();
  const held = new Set<ServerResponse>();
  let mode = options.mode ?? 'on';
  let fetches = 0;
  let lastFetchMs = 0;

  const take = (response: ServerResponse) => {
    fetches++;
    lastFetchMs = Date.now();
    response.on('error', () => undefined);
    if (mode === 'hang') held.add(response);
    else ANSWERS[mode](response, keys);
  };
  const open = (port?: number) => {
    const made: Server = tls
      ? createSecureServer(tls, (_, response) => take(response))
      : createServer((_, response) => take(response));
    return listen(made, port).then((at) => ({ made, at }));
  };
  let { made: server, at: port } = await open();
  if (mode === 'away') await closeServer(server);

  const keyOf = (alg: Algorithm): SigningKey => {
    const key = keys.findLast((one) => one.alg === alg);
    if (key === undefined) throw new Error(`the issuer has no key for ${alg}`);
    return key;
  };
  const claims = (more: Readonly<Record<string, unknown>> = {}) => {
    const now = Math.floor(Date.now() / 1000);
    return { iss: name, aud: audience, sub: 'alice', iat: now, exp: now + 300, ...more };
  };
  return {
    name,
    audience,
    jwksUrl: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/keys`,
    keys,
    keyOf,
    claims,
    get fetches() {
      return fetches;
    },
    get lastFetchMs() {
      return lastFetchMs;
    },
    get mode() {
      return mode;
    },
    async setMode(next) {
      const before = mode;
      mode = next;
      if (next === 'away') await closeServer(server);
      else if (before === 'away') server = (await open(port)).made;
      if (next === 'hang' || next === 'away') return;
      for (const response of held) ANSWERS[next](response, keys);
      held.clear();
    },
    async rotate() {
      const old = [...keys];
      keys.push(...(await newKeys()));
      return old;
    },
    withdraw(gone) {
      const left = keys.filter((key) => !gone.includes(key));
      keys.splice(0, keys.length, ...left);
    },
    token(more = {}, { alg = 'RS256', key = keyOf(alg), header = {} } = {}) {
      return new SignJWT(claims(more) as JWTPayload)
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })
        .sign(key.privateKey);
    },
    close: () => (mode === 'away' ? Promise.resolve() : closeServer(server)),
  };
}

type Respond = (response: ServerResponse, keys: readonly SigningKey[]) => void;

const ANSWERS: Readonly<Record<Exclude<IssuerMode, 'hang'>, Respond>> = {
  on: (response, keys) => json(response, { keys: keys.map(({ jwk }) => jwk) }),
  away: (response) => response.destroy(),
  unavailable: (response) => void response.writeHead(503).end('try again later'),
  garbage: (response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Welcome</h1>'),
  empty: (response) => json(response, { keys: [] }),
  redirect: (response) => void response.writeHead(302, { Location: '/keys' }).end(),
  endless(response) {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.write('{"keys":[');
    const more = Buffer.alloc(65_536, ' ');
    const pour = () => {
      while (!response.destroyed && response.write(more));
    };
    response.on('drain', pour);
    pour();
  },
};

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}
