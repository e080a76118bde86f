import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { BridgeError, MAX_HEAD_LINES } from '@kafka-http-proxy/protocol';
import { type ListenTls, listen } from '@kafka-http-proxy/service';
import type { MemoryBudget } from '@kafka-http-proxy/streams';
import { createConnections, type ResponseOwner } from './connections.js';
import { watchCrowd } from './crowd.js';
import { probeUnread, serveHalfClosed } from './half-closed.js';
import { answerLast, handleParserErrors, type Refused } from './parser-errors.js';
import { renewParser } from './parsers.js';
import { boundPipeline, MOST_OUTSTANDING } from './pipeline.js';
import { isFramingDoubtful } from './request-checks.js';
import { losesNext } from './upgrade-offer.js';

/** Takes one request from its head to the end of its response. Returns who is to hear of that; null: nobody. */
export type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  method: string,
  expectsContinue: boolean,
) => ResponseOwner | null;

/** The data plane: an HTTP server that hands each request to `handle`. */
export interface Ingress {
  /** Starts to listen; resolves with the port. @throws Error with a sentence, when that cannot be */
  listen(host: string, port: number): Promise<number>;
  /** Listens on a socket of the file system, which nobody else is to reach. @throws Error, when that cannot be */
  listenAt(path: string): Promise<void>;
  /** Stops to accept connections. Those that are open stay, for what is still answered on them. */
  stopAccepting(): void;
  /** Resolves when no connection is left: idle ones are closed after `idleMs`, the rest when their response has ended. */
  drained(idleMs: number): Promise<void>;
  /** How long a request head may take to arrive from now on, ms: those that have begun, too. */
  limitHeads(headersMs: number): void;
  /** Cuts what is left. */
  destroy(): void;
}

/** What the server is made with. */
export interface IngressOptions {
  readonly maxHeaderBytes: number;
  /** How long a request head may take to arrive, ms. */
  readonly headersMs: number;
  readonly handle: RequestHandler;
  /** What is read ahead of a client that has to wait is counted there. */
  readonly budget: Pick<MemoryBudget, 'reserve' | 'release' | 'force' | 'wholeBytes'>;
  /** Most connections at once; 0: no limit. Asked for each. */
  readonly maxConnections: number;
  /** Refused before it was a request: malformed, or its head too large. */
  readonly refused: Refused;
  /** Null, or left out: plain HTTP. */
  readonly tls?: Omit<ListenTls, 'mostHandshakes' | 'probeAfterMs'> | null | undefined;
  /** Replaces what the server waits for a client, for tests. */
  readonly waits?:
    | Pick<ServerOptions, 'keepAliveTimeout' | 'headersTimeout' | 'connectionsCheckingInterval'>
    | undefined;
}

/** Above nginx's keepalive_timeout (60 s), so that nginx and not this side ends an idle connection. */
const KEEP_ALIVE_MS = 75_000;

/** When a connection that says nothing is first asked whether its client is there, ms. */
const PROBE_AFTER_MS = 60_000;

/** How often Node looks for heads that are late, ms; what is granted may become less. */
const checkingInterval = (headersMs: number) => Math.min(1000, Math.max(50, headersMs / 4));

/**
 * Creates the server; it does not listen yet.
 *
 * @example
 * const ingress = createIngress({ maxHeaderBytes: 65_536, headersMs: 10_000, budget, maxConnections: 0, handle, refused });
 * const port = await ingress.listen('127.0.0.1', 0);
 */
export function createIngress(options: IngressOptions): Ingress {
  const { maxHeaderBytes, headersMs, handle, budget, refused, waits } = options;
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    keepAliveTimeout: KEEP_ALIVE_MS,
    noDelay: true,
    // A stream may go on for as long as both sides like; what is collected has a time of its own.
    requestTimeout: 0,
    headersTimeout: headersMs,
    connectionsCheckingInterval: checkingInterval(headersMs),
    // A client that is gone without a word, while nothing is said to it either.
    keepAlive: true,
    keepAliveInitialDelay: PROBE_AFTER_MS,
    // Checked by readHead, which answers with a problem.
    requireHostHeader: false,
    ...waits,
  });
  // Node drops what is over silently: one more than is taken, so that it can be seen and refused.
  server.maxHeadersCount = MAX_HEAD_LINES + 2;
  const connections = createConnections((socket) => renewParser(server, socket));
  handleParserErrors(server, connections, refused);
  serveHalfClosed(server, connections.of);
  const stopProbing = probeUnread(connections.all);
  const crowd = watchCrowd({
    connections,
    budget,
    get maxConnections() {
      return options.maxConnections;
    },
    refused,
  });

  const receive = (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => {
    const connection = connections.of(request.socket);
    // The parser reads on behind a request that ends its connection; nobody would get the answer.
    if (connection?.full) return;
    const served = connections.begin(request, response);
    const method = connection?.standsFor ?? request.method ?? 'GET';
    if (connection) connection.standsFor = null;
    const last = connection && (connection.outstanding > MOST_OUTSTANDING || losesNext(request));
    if (connection && (last || isFramingDoubtful(request))) {
      response.shouldKeepAlive = false;
      connection.full = true;
    }
    served.owner = handle(request, response, method, expectsContinue);
  };
  server.on('connection', (socket) => {
    boundPipeline(socket, connections.open(socket), budget);
    crowd.opened(socket);
  });
  server.on('request', (request, response) => receive(request, response, false));
  server.on('checkContinue', (request, response) => receive(request, response, true));
  // Answered by readHead: Node's own answer would be counted by nobody.
  server.on('checkExpectation', (request, response) => receive(request, response, false));
  server.on('connect', (request, duplex) => {
    const socket = duplex as Socket;
    // Node has taken its listeners away: without one, a reset by the client would end the process.
    socket.on('error', () => socket.destroy());
    socket.resume();
    const line = `CONNECT ${request.url} HTTP/${request.httpVersion}`;
    refused('not_supported', { socket, line, broken: null });
    answerLast(socket, connections.open(socket), new BridgeError('not_supported', 'CONNECT cannot travel over Kafka.'));
  });

  let acceptor: NetServer = server;
  let cutHandshakes = () => {};
  let closed: Promise<void> = Promise.resolve();
  return {
    async listen(host, port) {
      const tls = options.tls && {
        ...options.tls,
        mostHandshakes: () => options.maxConnections || Number.POSITIVE_INFINITY,
        probeAfterMs: PROBE_AFTER_MS,
      };
      const listening = await listen(server, { host, port, key: 'port', tls });
      ({ acceptor, cutHandshakes } = listening);
      return listening.port;
    },
    async listenAt(path) {
      server.listen(path);
      await once(server, 'listening');
    },
    stopAccepting() {
      // http.Server's own close() would also cut connections that stand between two requests, on
      // which a request may be under way.
      closed = new Promise((resolve) => NetServer.prototype.close.call(acceptor, () => resolve()));
    },
    drained(idleMs) {
      setTimeout(() => {
        cutHandshakes();
        endIdle(connections.all());
      }, idleMs).unref();
      return closed;
    },
    limitHeads(ms) {
      server.headersTimeout = ms;
    },
    destroy() {
      stopProbing();
      crowd.close();
      cutHandshakes();
      server.closeAllConnections();
    },
  };
}

function endIdle(connections: Iterable<[Socket, { readonly outstanding: number }]>): void {
  for (const [socket, { outstanding }] of connections) if (outstanding === 0) socket.destroySoon();
}
