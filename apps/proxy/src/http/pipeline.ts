import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { MemoryBudget } from '@kafka-http-proxy/streams';
import type { Connection } from './connections.js';

/*
 * How many requests of one connection may be under way. Node takes as many as a client pipelines: a packet of
 * 64 KiB can hold two thousand, and each of them a place in max_pending, and a reply that waits for its turn.
 *
 * Node's parser can't be stopped in the middle of a packet, except behind a request of which its reader says that
 * the connection is to be upgraded (2, in the place of 0: node_http_parser.cc, on_headers_complete). That is what is
 * said here of the last request that is taken, where it has no body. The bytes behind it are kept, with what is read
 * meanwhile, and handed to the parser when a response has ended. Parser and socket stay the same: responses that
 * are owed keep their order.
 */

/** Requests of one connection that may be under way. */
export const MAX_OUTSTANDING = 32;

/** Behind so many, of which each has a body, a connection ends with the answer of the last. */
export const MOST_OUTSTANDING = 2 * MAX_OUTSTANDING;

/** So much is read of a client that has to wait, bytes: so its end is seen where it has little more to say. */
const READ_AHEAD_BYTES = 65_536;

/** Where Node keeps the function that its parser calls behind each packet (HTTPParser.kOnExecute). */
const ON_EXECUTE = 5;

/** What of Node's parser is used here; it has no public type. */
interface HttpParser {
  onIncoming: ((request: IncomingMessage, keepAlive: boolean) => number) | null;
  execute(bytes: Buffer): number | Error;
  pause(): void;
  resume(): void;
  getCurrentBuffer(): Buffer;
  [ON_EXECUTE]: (parsed: number | Error) => void;
}

/**
 * Bounds what one client pipelines; to be called when the connection has its parser.
 *
 * @example
 * server.on('connection', (socket) => boundPipeline(socket, connections.open(socket), budget));
 */
export function boundPipeline(
  socket: Socket,
  connection: Connection,
  budget: Pick<MemoryBudget, 'reserve' | 'release'>,
): void {
  const parser = (socket as Socket & { parser?: HttpParser | null }).parser;
  const take = parser?.onIncoming;
  if (!parser || !take) return;
  // Not of the prototype: a parser serves other connections afterwards, and those set their own.
  parser.onIncoming = (request, keepAlive) => {
    const ignored = connection.full;
    const verdict = take(request, keepAlive);
    if (verdict !== 0) return verdict;
    // What stands behind the last request of a connection is nobody's.
    if (ignored) return STOP;
    if (connection.outstanding < MAX_OUTSTANDING || connection.full || !hasNoBody(request)) return verdict;
    holdRest(socket, connection, parser, budget);
    return STOP;
  };
}

/** Has the parser stop behind this request, and not read a body. */
const STOP = 2;

function hasNoBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
}

function holdRest(
  socket: Socket,
  connection: Connection,
  parser: HttpParser,
  budget: Pick<MemoryBudget, 'reserve' | 'release'>,
): void {
  // A copy: the parser's buffer is used again.
  const packet = Buffer.from(parser.getCurrentBuffer());
  const onExecute = parser[ON_EXECUTE];
  let held: Buffer[] = [];
  let bytes = 0;
  let begun = false;

  const keep = (more: Buffer) => {
    if (!budget.reserve('head', more.length)) {
      socket.destroy();
      return;
    }
    held.push(more);
    bytes += more.length;
    if (bytes >= READ_AHEAD_BYTES) socket.pause();
  };
  const free = () => {
    budget.release('head', bytes);
    held = [];
    bytes = 0;
    // The parser may serve another connection next.
    Reflect.deleteProperty(parser, 'resume');
  };
  const goOn = () => {
    if (connection.goOn !== goOn || connection.outstanding >= MAX_OUTSTANDING || socket.destroyed) return;
    connection.goOn = null;
    socket.off('close', free);
    const rest = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held, bytes);
    free();
    parser[ON_EXECUTE] = onExecute;
    parser.resume();
    // Read there: it is another function by now where that is too much again.
    if (rest.length > 0) {
      const parsed = parser.execute(rest);
      parser[ON_EXECUTE](parsed);
    }
    if (connection.goOn !== null) return;
    if (connection.readEnded) endBehind(socket, connection);
    else socket.resume();
  };

  connection.goOn = goOn;
  socket.once('close', free);
  parser[ON_EXECUTE] = (parsed) => {
    begun = true;
    if (typeof parsed === 'number') keep(packet.subarray(parsed));
    parser.pause();
    // Node lets it go on when answers were taken that the client did not read: that is not for it to say here.
    parser.resume = () => undefined;
    parser[ON_EXECUTE] = () => keep(Buffer.from(parser.getCurrentBuffer()));
    onExecute(parsed);
  };
  queueMicrotask(() => {
    if (begun) return;
    // The packet came another way (behind a custom method): where its rest is, nobody knows.
    parser[ON_EXECUTE] = onExecute;
    connection.goOn = null;
    socket.off('close', free);
    connection.full = true;
    connection.whenIdle = () => socket.end();
  });
}

/** The client ended its side, and all that it sent has been taken: the connection ends behind the last response. */
function endBehind(socket: Socket, { responses }: Connection): void {
  const last = responses.at(-1);
  if (last === undefined) socket.end();
  else Reflect.set(last, '_last', true);
}
