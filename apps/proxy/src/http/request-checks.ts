import type { IncomingMessage } from 'node:http';
import { BridgeError, type HeaderList, headerValue, isHost, isToken, MAX_HEAD_LINES } from '@kafka-http-proxy/protocol';

/*
 * What Node's parser lets through and this proxy does not: requests that another HTTP server on the way
 * could read in another way. docs/http-hardening.md lists all that is refused, here and by the parser.
 */

/**
 * True where the request may not end where the parser says: nothing behind it on its connection is
 * to be believed, so the answer is the last one.
 */
export function isFramingDoubtful(request: IncomingMessage): boolean {
  return !isKnownVersion(request) || hasTooManyLines(request) || !isCodingClear(request) || !isCleanHead(request);
}

/**
 * Refuses a request for what stands in its head.
 *
 * @throws {BridgeError} `bad_request`, `not_supported` for a protocol upgrade or a transfer coding
 *   besides chunked, `expectation_failed`, `headers_too_large`
 */
export function checkRequest(request: IncomingMessage): void {
  if (!isKnownVersion(request)) {
    throw new BridgeError('bad_request', `HTTP/${request.httpVersion} is not spoken here; HTTP/1.1 and HTTP/1.0 are.`);
  }
  if (hasTooManyLines(request)) {
    throw new BridgeError('headers_too_large', `The request head has more than ${MAX_HEAD_LINES} lines beside Host.`);
  }
  if (!isCleanHead(request)) {
    throw new BridgeError('bad_request', 'The request has a target or a header name that HTTP has no place for.');
  }
  checkHost(request);
  refuseUpgrade(request.rawHeaders);
  refuseCoding(request);
  checkExpectation(request);
}

/** Lines that Node dropped could have said anything: what it kept is not to be believed. */
function hasTooManyLines({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.length > 2 * (MAX_HEAD_LINES + 1);
}

/** Before version 9, Node's parser took control characters and bytes above 0x7f in targets, and names that are none. */
const IS_PARSER_LAX = Number.parseInt(process.versions.llhttp ?? '0', 10) < 9;

function isCleanHead({ url = '', rawHeaders }: IncomingMessage): boolean {
  if (!IS_PARSER_LAX) return true;
  return /^[\x21-\x7e]*$/.test(url) && rawHeaders.every((text, i) => i % 2 === 1 || isToken(text));
}

/** Node's parser takes 0.9 and 2.0 for versions, too. */
function isKnownVersion({ httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean {
  return httpVersionMajor === 1 && (httpVersionMinor === 0 || httpVersionMinor === 1);
}

/** RFC 9112 §3.2: exactly one Host, except from HTTP/1.0, and one that is valid. */
function checkHost({ rawHeaders, httpVersionMinor }: IncomingMessage): void {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    hosts++;
    if (!isHost(rawHeaders[i + 1] as string)) {
      throw new BridgeError('bad_request', 'Host must be a host name or address, and a port (RFC 9110 §7.2).');
    }
  }
  if (hosts > 1 || (hosts === 0 && httpVersionMinor >= 1)) {
    throw new BridgeError('bad_request', 'A request has exactly one Host header (RFC 9112 §3.2).');
  }
}

/** RFC 9110 §7.8 lets a server ignore Upgrade; an offer of HTTP/2 (which some clients always make) is ignored. */
function refuseUpgrade(raw: HeaderList): void {
  const upgrade = headerValue(raw, 'upgrade');
  if (upgrade === undefined || /^\s*(?:h2c|tls\/[\d.]+)\s*$/i.test(upgrade)) return;
  throw new BridgeError('not_supported', `A protocol upgrade to "${upgrade.slice(0, 40)}" cannot travel over Kafka.`);
}

/** True for a request of HTTP/1.1 that is chunked and nothing else, or has no Transfer-Encoding at all. */
function isCodingClear({ headers, rawHeaders, httpVersionMinor }: IncomingMessage): boolean {
  // Of several lines Node joins the values by a comma, which no single coding has.
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return true;
  return httpVersionMinor === 1 && isChunked(coding) && lines(rawHeaders, 'transfer-encoding') === 1;
}

function isChunked(coding: string): boolean {
  return /^\s*chunked\s*$/i.test(coding);
}

/**
 * RFC 9112 §6.1: the parser undoes chunked and nothing else, so a body in another coding would lose its
 * name on the way. HTTP/1.0 has no Transfer-Encoding: whoever sends it and a hop before may disagree about
 * the end of the body.
 */
function refuseCoding(request: IncomingMessage): void {
  if (isCodingClear(request)) return;
  const coding = headerValue(request.rawHeaders, 'transfer-encoding') ?? '';
  if (!isChunked(coding) && coding.trim() !== '') {
    throw new BridgeError(
      'not_supported',
      `The transfer coding "${coding.slice(0, 40)}" is not understood; chunked is.`,
    );
  }
  throw new BridgeError(
    'bad_request',
    request.httpVersionMinor === 1
      ? 'Transfer-Encoding was sent empty, or more than once (RFC 9112 §6.1).'
      : 'HTTP/1.0 has no Transfer-Encoding (RFC 9112 §6.1).',
  );
}

/** RFC 9110 §10.1.1: there is no expectation but 100-continue; HTTP/1.0 has none. */
function checkExpectation({ headers, httpVersionMinor }: IncomingMessage): void {
  const { expect } = headers;
  if (expect === undefined || httpVersionMinor === 0 || /(?:^|\W)100-continue(?:$|\W)/i.test(expect)) return;
  throw new BridgeError('expectation_failed', 'An expectation besides 100-continue cannot be met.');
}

function lines(raw: HeaderList, lowerName: string): number {
  return raw.filter((name, i) => i % 2 === 0 && name.length === lowerName.length && name.toLowerCase() === lowerName)
    .length;
}
