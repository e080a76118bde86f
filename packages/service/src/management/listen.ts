import { createServer, type RequestListener, Server } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { MAX_TIMER_MS } from '@kafka-http-proxy/protocol';
import type { TlsEndpoint, TlsPort } from '../tls/tls-endpoint.js';
import type { TlsFront } from '../tls/tls-front.js';

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The configuration key of the port, for the error sentence; `management_port` when left out. */
  readonly key?: string;
  /** Null, or left out: plain HTTP. */
  readonly tls?: ListenTls | null | undefined;
}

/** The certificate to listen with, and who comes to the port. */
export interface ListenTls extends TlsPort {
  readonly endpoint: Pick<TlsEndpoint, 'front'>;
}

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** What accepts its connections: the server itself, or the TLS in front of it. */
  readonly acceptor: NetServer;
  /** Cuts connections that are not yet the server's: those whose TLS handshake is under way. */
  cutHandshakes(): void;
  /** Takes no more connections, waits for the open requests, cuts them when `graceMs` is over. */
  close(graceMs: number): Promise<void>;
}

const REASONS: Readonly<Record<string, (host: string) => string>> = {
  EADDRINUSE: () => 'the port is in use already',
  EACCES: () => 'this process may not use the port (those below 1024 need privileges)',
  EADDRNOTAVAIL: (host) => `${host} is no address of this machine (host)`,
  ENOTFOUND: (host) => `${host} could not be resolved (host)`,
};

/**
 * Listens with an app or with a server of one's own.
 *
 * @throws Error whose message is a sentence with the port and its configuration key
 * @example
 * const listening = await listen(createServer(), { host: '127.0.0.1', port: 0 });
 * await listening.close(1_000);
 */
export async function listen(app: RequestListener | Server, options: ListenOptions): Promise<Listening> {
  const { host, port, key = 'management_port', tls } = options;
  const server = app instanceof Server ? app : createServer(app);
  const front = tls == null ? null : tls.endpoint.front(server, tls);
  const acceptor = front?.server ?? server;
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const reason = REASONS[error.code ?? '']?.(host) ?? error.message;
      reject(new Error(`cannot listen on port ${port} of ${host} (${key}): ${reason}`, { cause: error }));
    };
    acceptor.once('error', failed);
    acceptor.listen(port, host, () => {
      acceptor.off('error', failed);
      resolve();
    });
  });
  return {
    port: (acceptor.address() as AddressInfo).port,
    acceptor,
    cutHandshakes: () => front?.cutHandshakes(),
    close: (graceMs) => closeServer(server, front, graceMs),
  };
}

/** How often a closing server looks for connections that became idle; Node does so only once, at the start. */
const SWEEP_MS = 20;

function closeServer(server: Server, front: TlsFront | null, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), Math.min(graceMs, MAX_TIMER_MS));
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const closed = () => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    };
    if (front === null) {
      server.close(closed);
      return;
    }
    front.server.close(() => {
      // Ends what it does beside listening.
      server.close();
      closed();
    });
    front.cutHandshakes();
  });
}
