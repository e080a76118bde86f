import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection } from './connections.js';
import { currentResponse } from './current-response.js';

/*
 * A client may end its side of the connection behind its request and still wait for the answer
 * (RFC 9112 §9.6). One that went away looks the same until something is written to it. So both are
 * waited for, and HTTP/1.1 clients are probed with `100 Continue`, which every one of them has to
 * skip (RFC 9110 §15.2.1): the system of a client that is gone answers the first with a reset, and
 * the second fails. HTTP/1.0 knows no such response, so such a client is taken to be gone. So is one
 * that ends its side while a reply streams to it: there is no probe in the middle of a response, and
 * a stream that rests would go on for nobody.
 */

/** An answer that comes by then needs no probe, ms; also from one probe to the next. */
const PROBE_MS = 100;
const PROBES = 2;

/**
 * Has the server answer clients that ended their side.
 *
 * @example
 * serveHalfClosed(server, connections.of);
 */
export function serveHalfClosed(server: Server, connectionOf: (socket: Socket) => Connection | undefined): void {
  // Node: else the end of the client's side ends ours too, and the answer is dropped.
  Reflect.set(server, 'httpAllowHalfOpen', true);
  server.on('connection', (socket) => {
    socket.once('end', () => {
      const connection = connectionOf(socket);
      if (connection === undefined) return;
      connection.readEnded = true;
      if (connection.outstanding === 0) return;
      // There is more to answer than Node knows of.
      if (connection.goOn !== null) for (const owed of connection.responses) Reflect.set(owed, '_last', false);
      const response = currentResponse(socket);
      if (response?.headersSent && !response.writableEnded) socket.destroy();
      else probe(socket, connection, PROBES);
    });
  });
}

/** Between two probes of a client whose end can't be seen, ms: the first is answered with a reset, the second fails. */
const BLIND_PROBE_MS = 400;

/**
 * Notices that a client is gone though nothing is read of it: Node stops reading while answers wait that it does not
 * take, and {@link boundPipeline} while requests do, and its end stands behind what was not read.
 *
 * @returns ends it
 */
export function probeUnread(connections: () => Iterable<[Socket, Connection]>): () => void {
  const timer = setInterval(() => {
    for (const [socket, connection] of connections()) {
      if (connection.outstanding === 0 || connection.latest?.httpVersionMinor === 0) continue;
      if (!isUnread(socket, connection)) continue;
      const response = currentResponse(socket);
      // While bytes wait for the client, a reset is noticed by itself.
      if (response?.headersSent === false && socket.writableLength === 0) response.writeContinue();
    }
  }, BLIND_PROBE_MS).unref();
  return () => clearInterval(timer);
}

/**
 * True where reading was stopped for requests that wait, or answers that are not taken. Not for a body that has to
 * wait: some clients (undici) take a `100 Continue` that they did not ask for as the end of it.
 */
function isUnread(socket: Socket, { goOn }: Connection): boolean {
  return goOn !== null || (socket as Socket & { _paused?: boolean })._paused === true;
}

function probe(socket: Socket, connection: Connection, left: number): void {
  setTimeout(() => {
    if (socket.destroyed || connection.outstanding === 0) return;
    const { latest } = connection;
    if (latest !== null && latest.httpVersionMinor === 0) {
      socket.destroy();
      return;
    }
    // Pipelined answers follow one another: a probe may only come between two.
    const response = currentResponse(socket);
    if (response?.headersSent === false) response.writeContinue();
    if (left > 1) probe(socket, connection, left - 1);
  }, PROBE_MS).unref();
}
