import { type ServerResponse, STATUS_CODES } from 'node:http';
import {
  type BridgeError,
  endToEnd,
  type HeaderList,
  headerValue,
  isBodyless,
  LOWER_REQUEST_ID,
  PROBLEM_CONTENT_TYPE,
  passableTrailers,
  problem,
  REQUEST_ID_FIELD,
  type ReplyEnvelope,
  retryAfterSeconds,
} from '@kafka-http-proxy/protocol';
import type { OwnFields } from './own-fields.js';

/** How a response is written. */
export interface EgressOptions {
  /** Method of the request: a reply to HEAD has no body (RFC 9110 §9.3.2). */
  readonly method: string;
  /** Ends the connection after this response. */
  readonly close: boolean;
  /** Ends the response later, when all of it was written: the connection is not to go before. */
  readonly hold?: (end: () => void) => void;
  /** What is said of the request beside the reply's own fields. */
  readonly own: OwnFields;
}

/**
 * Writes a reply as the backend made it: status, reason, header order and repeats, body, trailers.
 *
 * @returns the bytes of its body
 */
export function writeReply(response: ServerResponse, reply: ReplyEnvelope, options: EgressOptions): number {
  const { method, hold } = options;
  const body = isBodyless(method, reply.status) ? null : (reply.body ?? EMPTY);
  // Trailers take chunked framing, of which the last chunk would wait for a response that is held.
  if (reply.trailers !== null && body !== null && !hold && response.req.httpVersionMinor > 0) {
    writeWithTrailers(response, reply, body, options);
    return body.length;
  }
  // A responder can be anybody: a length that is not the body's would desynchronise the connection.
  // RFC 9110 §8.6: 204 has none, whatever it says.
  const rightLength = reply.status !== 204 && hasLength(reply.headers, body);
  const headers = endToEnd(reply.headers, rightLength ? isTrailer : isLengthOrTrailer);
  if (body !== null && !rightLength) headers.push('Content-Length', String(body.length));
  writeHead(response, reply, headers, options);
  finish(response, body, hold);
  return body?.length ?? 0;
}

/** Prepares the head of a reply; it leaves with the first bytes behind it. */
export function writeHead(
  response: ServerResponse,
  reply: ReplyEnvelope,
  headers: string[],
  { own, close }: Pick<EgressOptions, 'own' | 'close'>,
): void {
  addOwn(headers, own);
  if (close) headers.push('Connection', 'close');
  // RFC 9110 §6.6.1: a Date that is there goes through; Node adds one to a list that has none only if it is asked.
  response.sendDate = false;
  if (headerValue(headers, 'date') === undefined) headers.push('Date', new Date().toUTCString());
  response.writeHead(reply.status, reply.reason ?? STATUS_CODES[reply.status] ?? '', headers);
}

function addOwn(headers: string[], { requestId, serverTiming, limit, browser }: OwnFields): void {
  // A reply's own goes through.
  if (requestId !== undefined && headerValue(headers, LOWER_REQUEST_ID) === undefined)
    headers.push(REQUEST_ID_FIELD, requestId);
  if (serverTiming !== undefined) headers.push('Server-Timing', serverTiming);
  if (limit && !LIMIT_FIELDS.some((name) => headerValue(headers, name) !== undefined)) headers.push(...limit);
  if (browser !== undefined) headers.push(...browser);
}

/** A backend's limit may have the name of ours: two of one name say nothing. */
const LIMIT_FIELDS = ['ratelimit', 'ratelimit-policy'];

/** Node takes any list of pairs; a name or a value that it would refuse does not get here. */
export function addTrailers(response: ServerResponse, fields: HeaderList | null): void {
  const pairs: [string, string][] = [];
  const passable = passableTrailers(fields) ?? [];
  for (let i = 0; i < passable.length; i += 2) pairs.push([passable[i] as string, passable[i + 1] as string]);
  if (pairs.length > 0) response.addTrailers(pairs);
}

function writeWithTrailers(response: ServerResponse, reply: ReplyEnvelope, body: Buffer, options: EgressOptions): void {
  const headers = endToEnd(reply.headers, isContentLength);
  headers.push('Transfer-Encoding', 'chunked');
  writeHead(response, reply, headers, options);
  response.write(body);
  addTrailers(response, reply.trailers);
  response.end();
}

function finish(response: ServerResponse, body: Buffer | null, hold: EgressOptions['hold']): void {
  if (hold === undefined) {
    if (body === null || body.length === 0 || joinsHead(response, body)) response.end();
    else response.end(body);
    return;
  }
  if (body === null || body.length === 0) response.flushHeaders();
  else response.write(body);
  hold(() => response.end());
}

/** A longer body costs more to copy behind its head than a second piece of a write does, bytes. */
const JOINED_BYTES = 8192;

/** What node:http keeps of a head that has not left: its text, each character a byte. It has no public name. */
interface UnsentHead {
  _header?: string | null;
  readonly _headerSent?: boolean;
  readonly chunkedEncoding?: boolean;
}

/**
 * Appends a short body to the head that waits in the response, so that both leave in one piece: Node gathers three of
 * them otherwise. False where that can't be; the body is then to be written.
 */
function joinsHead(response: ServerResponse, body: Buffer): boolean {
  const unsent = response as ServerResponse & UnsentHead;
  if (body.length > JOINED_BYTES || unsent.chunkedEncoding) return false;
  if (unsent._headerSent !== false || typeof unsent._header !== 'string') return false;
  unsent._header += body.toString('latin1');
  return true;
}

const EMPTY = Buffer.alloc(0);
const isContentLength = (name: string) => name === 'content-length';
/** Node refuses Trailer where there is no place for one (RFC 9110 §6.6.2). */
const isTrailer = (name: string) => name === 'trailer';
const isLengthOrTrailer = (name: string) => isContentLength(name) || isTrailer(name);

/** True when Content-Length stands there once and is that of the body; without a body, at most once and a number. */
function hasLength(headers: HeaderList, body: Buffer | null): boolean {
  const announced = headers.filter((_, i) => i % 2 === 1 && isContentLength(headers[i - 1]?.toLowerCase() ?? ''));
  if (body === null) return announced.length === 0 || (announced.length === 1 && /^\d+$/.test(announced[0] ?? ''));
  return announced.length === 1 && announced[0] === String(body.length);
}

/** Answers with the problem document of an error (RFC 9457). @returns the bytes of its body */
export function writeProblem(
  response: ServerResponse,
  error: BridgeError,
  correlationId: string | undefined,
  { method, close, hold, own }: EgressOptions,
): number {
  const body = Buffer.from(JSON.stringify(problem(error.code, error.message, correlationId)));
  const headers = problemHeaders(error, body.length);
  addOwn(headers, own);
  if (close) headers.push('Connection', 'close');
  response.writeHead(error.status, headers);
  finish(response, method === 'HEAD' ? null : body, hold);
  return method === 'HEAD' ? 0 : body.length;
}

/** A problem as the bytes of a whole response, for a socket whose parser gave up. */
export function problemBytes(error: BridgeError): Buffer {
  const body = Buffer.from(JSON.stringify(problem(error.code, error.message)));
  const headers = [...problemHeaders(error, body.length), 'Connection', 'close'];
  let head = `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), body]);
}

function problemHeaders(error: BridgeError, length: number): string[] {
  const headers = ['Content-Type', PROBLEM_CONTENT_TYPE, 'Content-Length', String(length)];
  const retryAfter = retryAfterSeconds(error.code);
  if (retryAfter !== undefined) headers.push('Retry-After', String(retryAfter));
  headers.push(...error.fields);
  return headers;
}
