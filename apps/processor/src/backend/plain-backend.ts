import * as http from 'node:http';
import * as https from 'node:https';
import { type HeaderList, MAX_REPLY_LINES, withoutBrackets } from '@kafka-http-proxy/protocol';
import type { Backend, BackendCall, BackendSink } from './backend.js';
import { backendHead, backendTrailers } from './backend-head.js';
import { type BackendRequest, isStreamed } from './backend-request.js';
import { keepAnswer } from './keep-answer.js';
import type { BodyReading, StreamedBody } from './request-body.js';

export interface PlainBackendOptions {
  readonly origin: URL;
  /** Options of the TLS connection; ignored for http. */
  readonly tls: https.RequestOptions;
  readonly maxHeaderBytes: number;
}

/** A backend without a pool. */
export interface PlainBackend extends Backend {
  /** Resolves when no call is under way; once. */
  whenIdle(): Promise<void>;
  close(): void;
}

/**
 * Sends requests by node:http, a connection each: for those that undici can't send as they are (see
 * `isBeyondUndici`). A streamed body can't always be sent again, so it is not risked on a kept
 * connection that the backend may just be closing. `close` ends what is under way.
 */
export function plainBackend(options: PlainBackendOptions): PlainBackend {
  const underWay = new Set<http.ClientRequest>();
  let idle = () => {};
  let closed = false;
  return {
    send(request, sink) {
      const call = new PlainCall(sink, () => closed);
      queueMicrotask(() => {
        const outgoing = call.start(options, request);
        if (outgoing === null) return;
        underWay.add(outgoing);
        outgoing.once('close', () => {
          underWay.delete(outgoing);
          if (underWay.size === 0) idle();
        });
      });
      return call;
    },
    whenIdle() {
      return underWay.size === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            idle = resolve;
          });
    },
    close() {
      closed = true;
      for (const outgoing of [...underWay]) outgoing.destroy();
    },
  };
}

class PlainCall implements BackendCall {
  #over = false;
  #connected = false;
  #outgoing: http.ClientRequest | null = null;
  #incoming: http.IncomingMessage | null = null;
  #reading: BodyReading | null = null;

  constructor(
    private readonly sink: BackendSink,
    private readonly closed: () => boolean,
  ) {}

  get sent(): boolean {
    return this.#connected;
  }

  abort(): void {
    this.#over = true;
    this.#stopReading();
    this.#outgoing?.destroy();
  }

  resume(): void {
    this.#incoming?.resume();
  }

  start(options: PlainBackendOptions, request: BackendRequest): http.ClientRequest | null {
    if (this.#over) return null;
    try {
      if (this.closed()) throw new Error('closed');
      this.#outgoing = this.#open(options, request);
      this.#send(this.#outgoing, request);
    } catch (cause) {
      this.#over = true;
      this.#outgoing?.destroy();
      this.sink.failed({ kind: this.closed() ? 'closed' : 'refused', sent: false, cause });
      return null;
    }
    return this.#outgoing;
  }

  #open({ origin, tls, maxHeaderBytes }: PlainBackendOptions, request: BackendRequest): http.ClientRequest {
    const headers = ['Host', request.host ?? origin.host, ...request.headers];
    headers.push(...framing(request));
    const common: http.RequestOptions = {
      hostname: withoutBrackets(origin.hostname),
      port: origin.port,
      path: request.target,
      method: request.method,
      headers: [...headers, 'Connection', 'close'],
      agent: false,
      maxHeaderSize: maxHeaderBytes,
    };
    const outgoing = origin.protocol === 'https:' ? https.request({ ...common, ...tls }) : http.request(common);
    // Node drops what is over silently: one more than is taken, so that it can be seen and refused.
    outgoing.maxHeadersCount = MAX_REPLY_LINES + 1;
    const secured = origin.protocol === 'https:' ? 'secureConnect' : 'connect';
    outgoing.once('socket', (socket) => {
      keepAnswer(socket);
      socket.once(secured, () => {
        this.#connected = true;
      });
    });
    outgoing.on('response', (incoming) => this.#receive(incoming));
    outgoing.on('error', (cause) => {
      // A backend that answers and hangs up resets what is still sent to it: the answer counts, and ends by itself.
      if (!this.#incoming?.complete) this.#fail(cause);
    });
    // Also the end of one that switches protocols unasked: Node closes it without an error.
    outgoing.on('close', () => {
      // What came before may still wait here to be read: the answer ends after that.
      if (!this.#incoming?.complete) this.#fail(new Error('the connection ended without a whole response'));
    });
    return outgoing;
  }

  #send(outgoing: http.ClientRequest, { body, trailers, passable }: BackendRequest): void {
    if (isStreamed(body)) {
      this.#upload(outgoing, body, passable);
      return;
    }
    if (trailers !== null) addTrailers(outgoing, trailers);
    outgoing.end(body?.length ? body : undefined);
  }

  #upload(outgoing: http.ClientRequest, body: StreamedBody, passable: BackendRequest['passable']): void {
    // Behind what has come in: writing to a backend that has answered and hung up fails, and Node then
    // throws away what it has not read yet, which is the answer.
    const behindReads = (write: () => void) => {
      setImmediate(() => {
        if (this.#reading === reading && !outgoing.destroyed) write();
      });
    };
    const reading = body.read({
      data(chunk, flushed) {
        behindReads(() => {
          if (outgoing.write(chunk, (error) => error || flushed())) reading.resume();
        });
        return false;
      },
      end(fields) {
        behindReads(() => {
          const trailers = passable(fields);
          if (trailers !== null && body.length === null) addTrailers(outgoing, trailers);
          outgoing.end();
        });
      },
      // Whoever sends the body says why; here it only must not look like a whole one.
      broken: () => void outgoing.destroy(),
    });
    this.#reading = reading;
    outgoing.on('drain', () => reading.resume());
  }

  #receive(incoming: http.IncomingMessage): void {
    this.#incoming = incoming;
    // RFC 9112 §9.3: who gets an error while it sends, stops. Other answers may go on beside the request.
    if ((incoming.statusCode ?? 0) >= 400) this.#stopReading();
    incoming.on('error', (cause) => this.#fail(cause));
    try {
      this.sink.head(backendHead(incoming.statusCode ?? 0, incoming.statusMessage ?? null, incoming.rawHeaders));
    } catch (cause) {
      this.#fail(cause);
      this.#outgoing?.destroy();
      return;
    }
    incoming.on('data', (chunk: Buffer) => {
      if (!this.#over && !this.sink.data(chunk)) incoming.pause();
    });
    incoming.on('end', () => {
      if (this.#over) return;
      let trailers: HeaderList | null;
      try {
        trailers = backendTrailers(incoming.rawTrailers);
      } catch (cause) {
        this.#fail(cause);
        return;
      }
      this.#over = true;
      this.#stopReading();
      this.sink.end(trailers);
      if (!this.#outgoing?.writableFinished) this.#outgoing?.destroy();
    });
  }

  #stopReading(): void {
    this.#reading?.stop();
    this.#reading = null;
  }

  #fail(cause: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopReading();
    this.sink.failed({ kind: this.closed() ? 'closed' : 'unreachable', sent: this.#connected, cause });
  }
}

/** RFC 9112 §6: by the length where it is known, else chunked, which also takes trailers. */
function framing({ body, trailers }: BackendRequest): string[] {
  if (body === null) return [];
  if (trailers !== null || (isStreamed(body) && body.length === null)) return ['Transfer-Encoding', 'chunked'];
  return ['Content-Length', String(body.length)];
}

function addTrailers(outgoing: http.ClientRequest, trailers: HeaderList): void {
  const pairs: [string, string][] = [];
  for (let i = 0; i < trailers.length; i += 2) pairs.push([trailers[i] as string, trailers[i + 1] as string]);
  outgoing.addTrailers(pairs);
}
