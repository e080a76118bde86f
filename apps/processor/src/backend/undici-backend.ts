import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { HeaderList } from '@kafka-http-proxy/protocol';
import type { Dispatcher, Pool } from 'undici';
import type { Backend, BackendCall, BackendFailure, BackendHead, BackendSink } from './backend.js';
import { backendHead, backendTrailers } from './backend-head.js';
import { type BackendRequest, isStreamed } from './backend-request.js';
import type { ConnectionAge } from './connection-age.js';
import { inMicrotask } from './microtask.js';
import type { SocketClaim } from './socket-claim.js';

/** What a call knows of the connections of its pool. */
export interface CallConnections {
  readonly claim: Pick<SocketClaim, 'next'>;
  readonly age: Pick<ConnectionAge, 'isOver'>;
}

/**
 * Sends requests through an undici pool by its lowest interface, whose handler gets the header
 * fields as they stood on the wire. (The newer `onRequestStart` form parses them into an object on
 * each response.) The pool must have one request a connection and timeouts of its own switched off:
 * the caller keeps the time.
 *
 * @param serverName the same for all requests, else undici derives it from the client's Host and
 *   reconnects whenever that changes
 * @param connections which socket a call goes out on, and whether it is the last one there
 */
export function undiciBackend(pool: Pool, serverName: string, connections: CallConnections): Backend {
  return {
    send(request, sink) {
      const call = new UndiciCall(sink, connections, (request.body?.length ?? 0) > MAX_UNREAD_BYTES);
      const { host, headers } = request;
      const options: Dispatcher.DispatchOptions & { servername: string } = {
        path: request.target,
        method: request.method,
        headers: host === null ? headers : ['Host', host, ...headers],
        body: request.body as Buffer | null,
        servername: serverName,
      };
      // A request that undici refuses fails at once; the events of a call come after its start.
      inMicrotask(() => pool.dispatch(options, call));
      return call;
    },
  };
}

/**
 * True where undici can't say what the client said: `OPTIONS *`, `Content-Length: 0` where no body is
 * usual, and trailers; or where it can't be told what becomes of each chunk of a body. Also for a request
 * whose credentials are the connection's from then on, which nobody else may then use.
 */
export function isBeyondUndici(request: BackendRequest): boolean {
  const { target, body, trailers, method, headers } = request;
  if (target === '*' || trailers !== null || isStreamed(body) || bindsConnection(headers)) return true;
  return body?.length === 0 && !EXPECTS_BODY.has(method);
}

/** NTLM and Negotiate authenticate a connection, not a request (RFC 4559 §6, MS-NTHT). */
function bindsConnection(headers: HeaderList): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    // Each request is asked: a name of another length costs nothing.
    if (name.length !== 'authorization'.length && name.length !== 'proxy-authorization'.length) continue;
    if (AUTHORIZATION.test(name) && /^\s*(?:ntlm|negotiate)(?:\s|$)/i.test(headers[i + 1] as string)) return true;
  }
  return false;
}

const AUTHORIZATION = /^(?:proxy-)?authorization$/i;

/** undici sends `Content-Length: 0` for these, and never for others (client-h1.js, `expectsPayload`). */
const EXPECTS_BODY = new Set(['PUT', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/** Of a body up to this an error is taken to have come after it was read, bytes. */
const MAX_UNREAD_BYTES = 16 * 1024;

class UndiciCall implements BackendCall, Dispatcher.DispatchHandler {
  readonly #sink: BackendSink;
  readonly #connections: CallConnections;
  readonly #isLong: boolean;
  #socket: Socket | null = null;
  #status = 0;
  #abort: ((error?: Error) => void) | null = null;
  #resume: (() => void) | null = null;
  #over = false;

  constructor(sink: BackendSink, connections: CallConnections, isLong: boolean) {
    this.#sink = sink;
    this.#isLong = isLong;
    this.#connections = connections;
  }

  get sent(): boolean {
    return this.#abort !== null;
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#abort?.(new Error('given up'));
  }

  resume(): void {
    this.#resume?.();
  }

  /** The connection is there and the head is about to be written. To throw here spares the connection. */
  onConnect(abort: (error?: Error) => void): void {
    if (this.#over) throw new Error('given up before it was sent');
    this.#abort = abort;
    this.#connections.claim.next((socket) => {
      this.#socket = socket;
    });
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void, statusText: string): boolean {
    if (this.#over || (status >= 100 && status < 200)) return true;
    this.#resume = resume;
    this.#status = status;
    let head: BackendHead;
    try {
      head = backendHead(status, reasonOf(status, statusText), raw.map(latin1));
    } catch (cause) {
      this.#over = true;
      this.#sink.failed({ kind: 'unreachable', sent: true, cause });
      this.#abort?.(cause as Error);
      return true;
    }
    this.#sink.head(head);
    // undici takes the Content-Length that a 304 may have (RFC 9110 §8.6) for a cut body. There is none to wait for.
    if (status === 204 || status === 304) this.#end(null);
    return true;
  }

  onData(chunk: Buffer): boolean {
    // Going on after a pause, undici may have nothing to give and be held back by the answer to that, for ever.
    return this.#over || chunk.length === 0 || this.#sink.data(chunk);
  }

  onComplete(trailers: unknown): void {
    if (this.#socket !== null && this.#isLast(this.#socket)) this.#socket.destroy();
    this.#socket = null;
    let fields: HeaderList | null;
    try {
      fields = trailersOf(trailers);
    } catch (error) {
      this.onError(error as Error);
      return;
    }
    this.#end(fields);
  }

  onError(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.failed(undiciFailure(error, this.sent));
  }

  /** True where no further request is to use the connection. */
  #isLast(socket: Socket): boolean {
    // A backend that did not read the body may be closing: nobody else is to meet that, nor to wait behind the rest.
    const unread = socket.writableLength > 0 || (this.#isLong && this.#status >= 400);
    return unread || this.#connections.age.isOver(socket);
  }

  #end(trailers: HeaderList | null): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink.end(trailers);
  }
}

/** undici gives them raw, as the head's fields, whatever its types say. */
function trailersOf(raw: unknown): HeaderList | null {
  if (!Array.isArray(raw) || raw.length === 0) return null;
  return backendTrailers(raw.map((part) => (Buffer.isBuffer(part) ? latin1(part) : String(part))));
}

/** The reason phrase, one character a byte. undici reads it as UTF-8; bytes that this loses are left out. */
function reasonOf(status: number, text: string): string | null {
  if (text === STATUS_CODES[status]) return null;
  return text.includes('\ufffd') ? null : Buffer.from(text, 'utf8').toString('latin1');
}

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1');
}

/** Codes of undici's errors that are about the request, not the backend. */
const REFUSED = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']);
const CLOSED = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);

function undiciFailure(cause: Error & { code?: unknown }, sent: boolean): BackendFailure {
  const code = String(cause.code);
  const kind = REFUSED.has(code) ? 'refused' : CLOSED.has(code) ? 'closed' : 'unreachable';
  return { kind, sent, cause };
}
