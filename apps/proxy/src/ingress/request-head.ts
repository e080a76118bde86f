import type { IncomingMessage } from 'node:http';
import { BridgeError, endToEnd, type HeaderList, headerValue, type TraceContext } from '@kafka-http-proxy/protocol';

/** What of a request is known before its body: all that decides whether and where it goes. */
export interface RequestHead {
  readonly method: string;
  /** Origin form or `*`, as received. */
  readonly target: string;
  /** End-to-end fields only, and none of X-Kafka-*. */
  readonly headers: HeaderList;
  readonly client: string | null;
  readonly trace: TraceContext | null;
  readonly directives: Directives;
}

/** The X-Kafka-* fields of a request, as received. */
export interface Directives {
  readonly topic?: string;
  readonly replyTopic?: string;
  readonly key?: string;
  readonly timeout?: string;
}

const DIRECTIVES: Readonly<Record<string, keyof Directives>> = {
  'x-kafka-topic': 'topic',
  'x-kafka-reply-topic': 'replyTopic',
  'x-kafka-key': 'key',
  'x-kafka-timeout': 'timeout',
};

/** Absolute form (RFC 9112 §3.2.2): scheme, authority, and what is left for the origin form. */
const ABSOLUTE_FORM = /^https?:\/\/([^/?#]*)(.*)$/i;

/**
 * Reads the head of a request as it came off the wire.
 *
 * @param method the method as the client wrote it, which need not be one that Node's parser knows
 * @throws {BridgeError} `bad_request` for an unusable target or contradicting X-Kafka-* fields,
 *   `not_supported` for a protocol upgrade, or a transfer coding besides chunked
 */
export function readHead(request: IncomingMessage, method: string): RequestHead {
  const raw = request.rawHeaders;
  checkHost(request);
  refuseUpgrade(raw);
  refuseCoding(raw);
  const { target, authority } = originForm(request.url ?? '/', method);
  const directives = readDirectives(raw);
  const headers = endToEnd(raw, dropField);
  return {
    method,
    target,
    headers: authority === null ? headers : withHost(headers, authority),
    client: clientAddress(request),
    trace: traceContext(raw),
    directives,
  };
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

/** RFC 9112 §3.2: exactly one Host, except from HTTP/1.0. */
function checkHost(request: IncomingMessage): void {
  const raw = request.rawHeaders;
  let hosts = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  if (hosts > 1 || (hosts === 0 && request.httpVersionMinor >= 1)) {
    throw new BridgeError('bad_request', 'A request has exactly one Host header (RFC 9112 §3.2).');
  }
}

/** RFC 9112 §6.1: the parser undoes chunked and nothing else, so a body in another coding would lose its name on the way. */
function refuseCoding(raw: HeaderList): void {
  const coding = headerValue(raw, 'transfer-encoding');
  if (coding === undefined || /^\s*chunked\s*$/i.test(coding)) return;
  throw new BridgeError('not_supported', `The transfer coding "${coding.slice(0, 40)}" is not understood; chunked is.`);
}

/** RFC 9110 §7.8 lets a server ignore Upgrade; an offer of HTTP/2 (which some clients always make) is ignored. */
function refuseUpgrade(raw: HeaderList): void {
  const upgrade = headerValue(raw, 'upgrade');
  if (upgrade === undefined || /^\s*(?:h2c|tls\/[\d.]+)\s*$/i.test(upgrade)) return;
  throw new BridgeError('not_supported', `A protocol upgrade to "${upgrade.slice(0, 40)}" cannot travel over Kafka.`);
}

function originForm(url: string, method: string): { target: string; authority: string | null } {
  if (url.startsWith('/') || url === '*') return { target: url, authority: null };
  const absolute = ABSOLUTE_FORM.exec(url);
  if (!absolute) throw new BridgeError('bad_request', 'The request-target must be in origin form or absolute form.');
  const [, authority = '', rest = ''] = absolute;
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

function readDirectives(raw: HeaderList): Directives {
  let found: Partial<Record<keyof Directives, string>> | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.charCodeAt(1) !== 0x2d) continue;
    const directive = DIRECTIVES[name.toLowerCase()];
    if (directive === undefined) continue;
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

function clientAddress(request: IncomingMessage): string | null {
  const address = request.socket.remoteAddress;
  if (address === undefined) return null;
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
