import type { Server as HttpServer } from 'node:http';
import { createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, type Server as TlsServer } from 'node:tls';
import { belowTls } from './below-tls.js';
import { failureOf, type HandshakeFailure } from './handshake-failures.js';

/** What is in front of an HTTP server. */
export interface TlsFrontOptions {
  readonly settings: TlsOptions;
  /** Most connections whose handshake is under way; asked for each. Beyond it the oldest gives way. */
  readonly mostHandshakes: () => number;
  /** A connection came to no TLS. Called once for each, and not for one that was closed before its first byte. */
  readonly failed: (why: HandshakeFailure, socket: Socket, error: Error | null) => void;
  /** When a connection that says nothing is first asked whether its client is there, ms; it is not when left out. */
  readonly probeAfterMs?: number | undefined;
  /** How long a handshake may take, ms; for tests. */
  readonly handshakeMs?: number | undefined;
}

/** Speaks TLS for an HTTP server. */
export interface TlsFront {
  /** Listens and closes; counts the connections that are open. */
  readonly server: NetServer;
  /**
   * Makes what others need.
   *
   * @returns has the handshakes that begin from then on go by these settings; cannot fail. Connections stay as they are
   * @throws Error of OpenSSL's, where it takes them not
   */
  prepare(settings: TlsOptions): () => void;
  /** Cuts the connections whose handshake is under way. */
  cutHandshakes(): void;
}

/** As long as nginx's client_header_timeout is for what comes next: some seconds are many for two round trips. */
const HANDSHAKE_MS = 10_000;
/** Between two looks for handshakes that take too long, ms. */
const LOOK_MS = 500;
/** What each record of a TLS handshake begins with (RFC 8446 §5.1). */
const HANDSHAKE_RECORD = 22;

/**
 * Puts TLS in front of an HTTP server, which goes on to know connections only: it gets a TLSSocket as `connection` when
 * its handshake is done, so `request.socket` is one, and its `getPeerX509Certificate()` is the certificate of the
 * client. It counts only where `authorized` is true.
 *
 * A connection costs TLS nothing before its first byte, by which plain HTTP is also told from TLS.
 *
 * @example
 * const front = createTlsFront(http, { settings, mostHandshakes: () => 1000, failed: metrics.handshakeFailed });
 * front.server.listen(8443);
 */
export function createTlsFront(http: HttpServer, options: TlsFrontOptions): TlsFront {
  const { mostHandshakes, failed, probeAfterMs, handshakeMs = HANDSHAKE_MS } = options;
  /** The oldest first. */
  const underWay = new Map<Socket, Handshake>();
  let tls = serverOf(options.settings);

  /** Tells of a connection once. */
  const fail = (raw: Socket, why: HandshakeFailure, error: Error | null) => {
    const handshake = underWay.get(raw);
    if (handshake === undefined || handshake.told) return;
    handshake.told = true;
    failed(why, raw, error);
  };
  const cut = (raw: Socket, why: HandshakeFailure) => {
    fail(raw, why, null);
    underWay.delete(raw);
    raw.destroy();
  };

  function serverOf(settings: TlsOptions): TlsServer {
    // `look` ends them: Node's own time begins again with each byte.
    const server = createTlsServer({ ...settings, handshakeTimeout: 2 * handshakeMs });
    server.on('secureConnection', (socket: TLSSocket) => {
      underWay.delete(belowTls(socket));
      http.emit('connection', socket);
    });
    server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      fail(belowTls(socket), failureOf(error, socket), error);
      socket.destroy();
    });
    return server;
  }

  const begin = (raw: Socket) => {
    const handshake: Handshake = { sinceMs: performance.now(), told: false };
    raw.on('error', () => raw.destroy());
    raw.once('close', () => {
      // TLS may still have to say why.
      setImmediate(() => {
        if (raw.bytesRead > 0) fail(raw, 'gone', null);
        underWay.delete(raw);
      });
    });
    underWay.set(raw, handshake);
    const [oldest] = underWay.keys();
    if (underWay.size > mostHandshakes() && oldest !== undefined) cut(oldest, 'crowded');
    raw.once('readable', () => {
      const bytes: Buffer | null = raw.read();
      if (bytes === null) {
        raw.destroy();
      } else if (bytes[0] === HANDSHAKE_RECORD) {
        raw.unshift(bytes);
        tls.emit('connection', raw);
      } else if (isText(bytes)) {
        fail(raw, 'plain_http', null);
        answerPlain(raw);
      } else {
        cut(raw, 'other');
      }
    });
  };
  const probes = { keepAlive: probeAfterMs !== undefined, keepAliveInitialDelay: probeAfterMs ?? 0 };
  const server = createNetServer({ allowHalfOpen: true, noDelay: true, ...probes }, begin);

  const look = () => {
    const lateMs = performance.now() - handshakeMs;
    for (const [raw, { sinceMs }] of underWay) {
      if (sinceMs > lateMs) break;
      cut(raw, 'timeout');
    }
  };
  let looking: NodeJS.Timeout | undefined;
  server.on('listening', () => {
    looking = setInterval(look, Math.min(LOOK_MS, handshakeMs)).unref();
    // It listens to nothing itself, and begins to look for late heads when it hears this.
    http.emit('listening');
  });
  server.on('close', () => clearInterval(looking));
  return {
    server,
    prepare(settings) {
      const next = serverOf(settings);
      return () => {
        tls = next;
      };
    },
    cutHandshakes() {
      for (const raw of underWay.keys()) {
        underWay.delete(raw);
        raw.destroy();
      }
    },
  };
}

interface Handshake {
  readonly sinceMs: number;
  /** It has failed, and that was told. */
  told: boolean;
}

/** A method of HTTP begins with a letter. */
function isText([first = 0]: Buffer): boolean {
  return /[A-Za-z]/.test(String.fromCharCode(first));
}

const PLAIN_ANSWER = [
  'HTTP/1.1 400 Bad Request',
  'Content-Type: text/plain; charset=utf-8',
  'Connection: close',
  '',
  'This port speaks HTTPS: the URL has to begin with https://.\n',
].join('\r\n');

/** Says in plain HTTP what is wrong; what still comes is dropped, so that the answer is not lost with a reset. */
function answerPlain(raw: Socket): void {
  raw.resume();
  raw.end(PLAIN_ANSWER);
  raw.once('end', () => raw.destroy());
}
