import type { IncomingMessage } from 'node:http';
import {
  BridgeError,
  endToEnd,
  type HeaderList,
  headBytes,
  headerValue,
  isHost,
  TIME_LEFT_FIELD,
  type TraceContext,
} from '@kafka-http-proxy/protocol';
import type { MemoryBudget } from '@kafka-http-proxy/streams';
import type { Entrance } from '../door/entrance.js';
import { clientAddress, schemeOf } from '../http/client-address.js';
import { checkRequest } from '../http/request-checks.js';

/** What of a request is known before its body: all that decides whether and where it goes. */
export interface RequestHead {
  readonly method: string;
  /** Origin form or `*`, as received. */
  readonly target: string;
  /** End-to-end fields only, and none of X-Kafka-*. */
  readonly headers: HeaderList;
  readonly client: string | null;
  /** How it came to this proxy. */
  readonly scheme: 'http' | 'https';
  /** Whom the door recognised. */
  readonly principal?: string | undefined;
  readonly trace: TraceContext | null;
  readonly directives: Directives;
}

/** The X-Kafka-* fields of a request, as received. */
export interface Directives {
  readonly topic?: string;
  readonly replyTopic?: string;
  readonly key?: string;
  readonly timeout?: string;
  /** What is left of the time of a request before, which this one is part of: a processor says so. */
  readonly timeLeft?: string;
}

const DIRECTIVES: Readonly<Record<string, keyof Directives>> = {
  'x-kafka-topic': 'topic',
  'x-kafka-reply-topic': 'replyTopic',
  'x-kafka-key': 'key',
  'x-kafka-timeout': 'timeout',
  [TIME_LEFT_FIELD.toLowerCase()]: 'timeLeft',
};

/** Absolute form (RFC 9112 §3.2.2): scheme, authority, and what is left for the origin form. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i;

/**
 * Reads the head of a request as it came off the wire.
 *
 * @param method the method as the client wrote it, which need not be one that Node's parser knows
 * @param entrance which of its fields count
 * @throws {BridgeError} as {@link checkRequest}, and `bad_request` for an unusable target or contradicting X-Kafka-*
 *   fields
 */
export function readHead(request: IncomingMessage, method: string, entrance: Entrance): RequestHead {
  const raw = request.rawHeaders;
  checkRequest(request);
  const { target, authority } = originForm(request.url ?? '/', method);
  const directives = readDirectives(raw, entrance.takesDirectives);
  const { drops } = entrance;
  const headers = endToEnd(raw, drops === null ? dropField : (name) => dropField(name) || drops(name));
  return {
    method,
    target,
    headers: authority === null ? headers : withHost(headers, authority),
    client: clientAddress(request.socket),
    scheme: schemeOf(request.socket),
    trace: traceContext(raw),
    directives,
  };
}

/**
 * Counts what a head holds in the budget.
 *
 * @returns bytes, to be released
 * @throws {BridgeError} `overloaded` where there is no room
 */
export function reserveHead({ rawHeaders }: IncomingMessage, budget: Pick<MemoryBudget, 'reserve'>): number {
  const bytes = headBytes(rawHeaders);
  if (budget.reserve('head', bytes)) return bytes;
  const detail = 'The requests that wait already take all memory that there is for their heads.';
  throw new BridgeError('overloaded', detail);
}

/** Fields for this hop (Expect: RFC 9110 §10.1.1, answered here), for us (X-Kafka-*), or sent beside the envelope's head. */
function dropField(lowerName: string): boolean {
  return (
    lowerName === 'expect' ||
    lowerName === 'http2-settings' ||
    lowerName === 'traceparent' ||
    lowerName === 'tracestate' ||
    lowerName.startsWith('x-kafka-')
  );
}

function originForm(url: string, method: string): { target: string; authority: string | null } {
  if (url.startsWith('/')) return { target: url, authority: null };
  if (url === '*') {
    if (method === 'OPTIONS') return { target: url, authority: null };
    throw new BridgeError('bad_request', 'The request-target * is for OPTIONS (RFC 9112 §3.2.4).');
  }
  const absolute = ABSOLUTE_FORM.exec(url);
  if (!absolute) throw new BridgeError('bad_request', 'The request-target must be in origin form or absolute form.');
  const [, authority = '', rest = ''] = absolute;
  // RFC 9110 §4.2.1 and §4.2.4: a host there must be, and a user there must not.
  if (authority === '' || authority.startsWith(':') || !isHost(authority)) {
    throw new BridgeError('bad_request', 'The request-target names no valid host.');
  }
  // RFC 9112 §3.2.4: OPTIONS of an absolute form with no path and no query is `*` to the origin.
  if (rest === '') return { target: method === 'OPTIONS' ? '*' : '/', authority };
  return { target: rest.startsWith('/') ? rest : `/${rest}`, authority };
}

/** RFC 9112 §3.2.2: with an absolute form, its authority replaces the received Host. */
function withHost(headers: readonly string[], authority: string): string[] {
  const kept: string[] = ['Host', authority];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.toLowerCase() !== 'host') kept.push(name, headers[i + 1] as string);
  }
  return kept;
}

/**
 * The X-Kafka-* fields of a request.
 *
 * @param all false: only what shortens its time
 * @throws {BridgeError} `bad_request` where one contradicts another
 */
export function readDirectives(raw: HeaderList, all = true): Directives {
  let found: Partial<Record<keyof Directives, string>> | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.charCodeAt(1) !== 0x2d) continue;
    const directive = DIRECTIVES[name.toLowerCase()];
    if (directive === undefined || (!all && directive !== 'timeLeft')) continue;
    found ??= {};
    if (found[directive] !== undefined) {
      throw new BridgeError('bad_request', `${name} was sent more than once.`);
    }
    found[directive] = raw[i + 1] as string;
  }
  return found ?? NO_DIRECTIVES;
}
const NO_DIRECTIVES: Directives = {};

function traceContext(raw: HeaderList): TraceContext | null {
  const traceparent = headerValue(raw, 'traceparent');
  if (traceparent === undefined) return null;
  // Several tracestate lines are one list (https://www.w3.org/TR/trace-context/#combined-header-value).
  const states = raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === 'tracestate');
  return states.length === 0 ? { traceparent } : { traceparent, tracestate: states.join(',') };
}
