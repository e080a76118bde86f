import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { BridgeError, isToken } from '@kafka-http-proxy/protocol';
import type { Connection } from './connections.js';
import { attachParser, detachParser } from './parsers.js';

/*
 * Methods that Node's parser does not know (FOO, X-PURGE). It stops at the first byte that no known
 * method goes on with, and cannot be started again. So the socket is taken from it, the method is
 * replaced by a stand-in of which the parser thinks alike (POST: framing is by Content-Length and
 * Transfer-Encoding only), and a new parser reads on; the true name is remembered for the request
 * that comes out. This is done only where it is certain that the chunk begins with the request line,
 * so no byte of another message can be taken for a method. docs/decisions/0003-custom-methods.md
 */

const STAND_IN = Buffer.from('POST');

/** Longest method that is accepted, in characters. */
const MAX_METHOD_LENGTH = 64;

/** Longest wait for the rest of a method whose first bytes came alone, ms. */
const REST_OF_METHOD_MS = 10_000;

/** What Node adds to the error of a parser that gave up. */
export interface ParserError extends Error {
  readonly code?: string;
  readonly rawPacket?: Buffer;
  /** Where in it the parser gave up. */
  readonly bytesParsed?: number;
}

/**
 * True when the parser stopped at an unknown method and everything read since the last request is
 * in `rawPacket`: it begins with the request line.
 */
export function isUnknownMethodAtBoundary(error: ParserError, socket: Socket, connection: Connection): boolean {
  return (
    error.code === 'HPE_INVALID_METHOD' &&
    error.rawPacket !== undefined &&
    connection.outstanding === 0 &&
    socket.bytesRead - connection.bytesAtBoundary === error.rawPacket.length
  );
}

/**
 * Gives the socket to a new parser with a stand-in for the method.
 *
 * @param refuse answers and closes the connection, where the first word is no method after all
 */
export function resumeWithStandIn(
  server: Server,
  socket: Socket,
  connection: Connection,
  received: Buffer,
  refuse: (error: BridgeError) => void,
): void {
  detachParser(socket);
  readMethod(socket, received, (method, bytes) => {
    if (method === null) {
      refuse(new BridgeError('bad_request', 'The request does not begin with a method (RFC 9112 §3).'));
      return;
    }
    connection.standsFor = method;
    socket.unshift(Buffer.concat([STAND_IN, bytes.subarray(method.length)]));
    attachParser(server, socket);
  });
}

/** Reads on until the method is whole: it may come byte by byte. Empty lines before it are dropped (RFC 9112 §2.2). */
function readMethod(socket: Socket, received: Buffer, done: (method: string | null, bytes: Buffer) => void): void {
  let bytes = withoutEmptyLines(received);
  const settle = (method: string | null) => {
    clearTimeout(timer);
    socket.off('data', onData);
    socket.off('close', onClose);
    done(method, bytes);
  };
  const look = (): boolean => {
    const space = bytes.indexOf(0x20);
    if (space < 0 && bytes.length <= MAX_METHOD_LENGTH) {
      if (bytes.length === 0 || isToken(bytes.toString('latin1'))) return false;
      settle(null);
      return true;
    }
    const method = bytes.subarray(0, space).toString('latin1');
    settle(space > 0 && space <= MAX_METHOD_LENGTH && isToken(method) ? method : null);
    return true;
  };
  const onData = (chunk: Buffer) => {
    bytes = withoutEmptyLines(Buffer.concat([bytes, chunk]));
    look();
  };
  const onClose = () => clearTimeout(timer);
  const timer = setTimeout(() => settle(null), REST_OF_METHOD_MS);
  socket.on('close', onClose);
  if (!look()) socket.on('data', onData);
}

function withoutEmptyLines(bytes: Buffer): Buffer {
  let start = 0;
  while (bytes[start] === 0x0d || bytes[start] === 0x0a) start++;
  return start === 0 ? bytes : bytes.subarray(start);
}
