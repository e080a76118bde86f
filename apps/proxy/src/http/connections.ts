import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { endOf, parserOf } from './message-end.js';

/** What is known of one client connection, beside what Node's parser keeps to itself. */
export interface Connection {
  /** Requests whose response has not ended. */
  outstanding: number;
  /** The request that began last. */
  latest: IncomingMessage | null;
  /**
   * Bytes read from the socket when it was last known to stand between two requests; NaN when it
   * is not known. A later count shows whether a chunk is the first one of a request.
   */
  bytesAtBoundary: number;
  /** Bytes of the connection up to the end of the latest request, where Node's parser does not report that; or NaN. */
  endsAt: number;
  /** The method that the next request really has, where the parser was given a stand-in. */
  standsFor: string | null;
  /** Responses that have not ended, in order: the first is being written. */
  readonly responses: ServerResponse[];
  /** True behind a request whose answer is the connection's last: no further one is taken. */
  full: boolean;
  /** True when the answer that ends the connection is known: what comes in now is dropped. */
  ending: boolean;
  /** 1 when the latest request was broken off: its response does not end by itself. */
  broken: 0 | 1;
  /** Takes what was held back of a client that pipelined too much, if there is room; null: nothing is held back. */
  goOn: (() => void) | null;
  /** True when the client has ended its side. */
  readEnded: boolean;
  /** Runs when the last outstanding response has ended, but for that of a request that was broken off. */
  whenIdle: (() => void) | null;
}

/** Who answers a request. */
export interface ResponseOwner {
  /** The response has closed, whole or not. Called once. */
  closed(): void;
}

/** A request that was counted in. */
export interface Served {
  /** Null until it is known, or where nobody asks. */
  owner: ResponseOwner | null;
}

/** Client connections by socket. */
export interface Connections {
  open(socket: Socket): Connection;
  of(socket: Socket): Connection | undefined;
  /** Counts a request in; its response's end counts it out, and then calls `owner`, once that is known. */
  begin(request: IncomingMessage, response: ServerResponse): Served;
  all(): IterableIterator<[Socket, Connection]>;
  size(): number;
}

/**
 * @param upgradeIgnored called when a connection stands between two requests, of which the first offered an upgrade
 *
 * @example
 * const connections = createConnections((socket) => renewParser(server, socket));
 * server.on('connection', (socket) => connections.open(socket));
 */
export function createConnections(upgradeIgnored: (socket: Socket) => void): Connections {
  const open = new Map<Socket, Connection>();

  const ended = (connection: Connection, request: IncomingMessage) => {
    connection.outstanding--;
    if (connection.goOn !== null) {
      // Its own turn: the next response of the connection is given its place first.
      setImmediate(connection.goOn);
      return;
    }
    if (connection.outstanding > connection.broken) return;
    const clean = request.complete && !hasBegunNext(request.socket, connection);
    connection.bytesAtBoundary = clean ? request.socket.bytesRead : Number.NaN;
    const { whenIdle } = connection;
    connection.whenIdle = null;
    whenIdle?.();
    if (clean && !connection.ending && request.headers.upgrade !== undefined) upgradeIgnored(request.socket);
  };

  return {
    open(socket) {
      const known = open.get(socket);
      if (known) return known;
      const connection: Connection = {
        outstanding: 0,
        latest: null,
        bytesAtBoundary: 0,
        endsAt: 0,
        standsFor: null,
        responses: [],
        full: false,
        ending: false,
        broken: 0,
        goOn: null,
        readEnded: false,
        whenIdle: null,
      };
      open.set(socket, connection);
      socket.once('close', () => {
        open.delete(socket);
        closeWaiting(connection.responses);
      });
      return connection;
    },
    of: (socket) => open.get(socket),
    begin(request, response) {
      const served: Served = { owner: null };
      const connection = open.get(request.socket);
      if (connection === undefined) {
        response.once('close', () => served.owner?.closed());
        return served;
      }
      connection.outstanding++;
      connection.latest = request;
      if (parserOf(request.socket)?.duration === undefined) connection.endsAt = endOf(request, connection.endsAt);
      connection.responses.push(response);
      // Not `once`, which costs twice: what was taken out has had its close.
      response.on('close', () => {
        const at = connection.responses.indexOf(response);
        if (at < 0) return;
        connection.responses.splice(at, 1);
        ended(connection, request);
        served.owner?.closed();
      });
      return served;
    },
    all: () => open.entries(),
    size: () => open.size,
  };
}

/**
 * Ends the pipelined responses whose turn had not come when their connection went: Node knows the
 * one that is being written only, and the others would never close.
 */
function closeWaiting(responses: readonly ServerResponse[]): void {
  for (const response of [...responses]) {
    if (response.socket !== null) continue;
    response.destroy();
    response.emit('close');
  }
}

/**
 * True when bytes of a further request were read already, behind the last one, or may have been. Node's parser counts
 * the time since a message began (for headersTimeout): none, between two messages. Since version 22 it keeps that to
 * itself, and the bytes are counted instead.
 */
function hasBegunNext(socket: Socket, { endsAt }: Connection): boolean {
  const parser = parserOf(socket);
  // It was given away with an upgrade, or the connection ends.
  if (parser === null || parser === undefined) return false;
  return parser.duration === undefined ? socket.bytesRead !== endsAt : parser.duration() > 0;
}
