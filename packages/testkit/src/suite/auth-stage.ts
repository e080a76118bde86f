import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import { recordHeader } from '@kafka-http-proxy/protocol';
import { afterAll, beforeAll, inject } from 'vitest';
import { parseResponse, type RawResponse, rawExchange, requestBytes } from '../http/raw-http.js';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { type Issuer, type IssuerOptions, startIssuer } from '../identity/issuer.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import type { ServiceProcess } from '../services/service-process.js';

/** Variables of a proxy. */
export type Env = Readonly<Record<string, string>>;

/** A bridge whose proxy wants tokens of an issuer. */
export interface GuardedStage {
  readonly issuer: Issuer;
  readonly backend: ScriptedBackend;
  readonly bridge: Bridge;
  /** The first proxy. */
  readonly proxy: ServiceProcess;
  readonly port: number;
}

/** What a proxy has to know of an issuer. */
export function issuerEnv(issuer: Issuer): Env {
  return { AUTH_JWT_ISSUER: issuer.name, AUTH_JWT_AUDIENCE: issuer.audience, AUTH_JWT_JWKS: issuer.jwksUrl };
}

export interface GuardedOptions {
  readonly issuer?: IssuerOptions;
  /** Further variables of the first proxy. */
  readonly proxy?: Env;
  /** Variables of both tiers. */
  readonly both?: Env;
}

/** Starts all of it before the tests of the suite, and ends it after them. */
export function useGuardedBridge({ issuer: issuerOptions, proxy = {}, both = {} }: GuardedOptions = {}): GuardedStage {
  let issuer: Issuer | undefined;
  let backend: ScriptedBackend | undefined;
  let bridge: Bridge | undefined;
  beforeAll(async () => {
    issuer = await startIssuer(issuerOptions);
    backend = await startBackend();
    const env = { ...issuerEnv(issuer), ...proxy };
    bridge = await startBridge({ broker: inject('broker'), backendUrl: backend.url, both, proxy: env });
  });
  afterAll(async () => {
    await bridge?.close();
    await backend?.close();
    await issuer?.close();
  });
  return {
    get issuer() {
      return issuer as Issuer;
    },
    get backend() {
      return backend as ScriptedBackend;
    },
    get bridge() {
      return bridge as Bridge;
    },
    get proxy() {
      return bridge?.proxies[0] as ServiceProcess;
    },
    get port() {
      return bridge?.proxies[0]?.port as number;
    },
  };
}

/** A request by a connection of its own, with these header lines. */
export function ask(port: number, lines: readonly string[] = [], target = '/'): Promise<RawResponse> {
  return rawExchange(port, requestBytes('GET', target, lines));
}

/** A request with a token. */
export function askWith(port: number, token: string, target = '/'): Promise<RawResponse> {
  return ask(port, [`Authorization: Bearer ${token}`], target);
}

/** Of a response: the code of its problem, if it is one. */
export function codeOf({ body }: RawResponse): unknown {
  const text = body.toString();
  return text.startsWith('{') ? (JSON.parse(text) as { code?: unknown }).code : undefined;
}

/** Of a response: 200. */
export function statusOf({ statusLine }: RawResponse): number {
  return Number(statusLine.split(' ')[1]);
}

/** Of a response, or of a request as the backend got it: the value of a field; undefined where it has none. */
export function fieldOf(of: RawResponse | { readonly rawHeaders: readonly string[] } | undefined, name: string) {
  if (of === undefined) return undefined;
  if ('headerLines' in of) {
    const line = of.headerLines.find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
    return line?.slice(name.length + 1).trim();
  }
  return of.rawHeaders.find((_, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === name.toLowerCase());
}

/** The responses of a connection, in order, each of which has a Content-Length. */
export function splitResponses(text: string): RawResponse[] {
  const responses: RawResponse[] = [];
  for (let rest = text; rest !== ''; ) {
    const one = parseResponse(rest);
    const length = Number(fieldOf(one, 'Content-Length') ?? 0);
    responses.push({ ...one, body: one.body.subarray(0, length) });
    rest = rest.slice(rest.indexOf('\r\n\r\n') + 4 + length);
  }
  return responses;
}

/** A request over the connections that fetch keeps; resolves with its status, and the code of a problem. */
export async function fetchWith(port: number, token: string, target = '/'): Promise<string> {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`http://127.0.0.1:${port}${target}`, { headers });
  const text = await answer.text();
  return answer.ok ? String(answer.status) : `${answer.status} ${(JSON.parse(text) as { code: string }).code}`;
}

/** What `khp` of a record says, or another of its headers; nothing where there is none. */
export function metadataOf(record: KafkaRecord | undefined, name = 'khp'): Record<string, unknown> {
  const text = record === undefined ? null : recordHeader(record.headers, name);
  return text === null ? {} : (JSON.parse(text) as Record<string, unknown>);
}
