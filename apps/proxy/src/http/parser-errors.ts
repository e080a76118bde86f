import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { BridgeError, type ErrorCode, isToken } from '@kafka-http-proxy/protocol';
import { problemBytes } from '../egress/egress.js';
import { LINGER_MS } from '../egress/linger.js';
import type { Connection, Connections } from './connections.js';
import { currentResponse } from './current-response.js';
import { isUnknownMethodAtBoundary, type ParserError, resumeWithStandIn } from './custom-methods.js';
import { type RefusedHead, refusedHead } from './refused-head.js';

/** Told of each answer that is no request's, by its code; `head` is left out where nothing was answered. */
export type Refused = (code: ErrorCode, head?: RefusedHead) => void;

/**
 * Handles what Node's parser gives up on: `clientError` of a server. Each is counted by its code.
 *
 * @example
 * handleParserErrors(server, connections, (code) => metrics.refused(code));
 */
export function handleParserErrors(server: Server, connections: Connections, refused: Refused): void {
  server.on('clientError', (error: ParserError, duplex) => {
    const socket = duplex as Socket;
    const connection = connections.of(socket);
    // A parser that gave up says so again for each packet that still comes, and when its time is over.
    if (connection?.ending && GIVEN_UP.test(error.code ?? '')) return;
    if (!socket.writable || connection === undefined) {
      socket.destroy();
      return;
    }
    // Now: where the parser is replaced, what it was given counts no more.
    const head = refusedHead(socket, connection, error.rawPacket);
    const refuse = (problem: BridgeError) => {
      refused(problem.code, head);
      answerLast(socket, connection, problem);
    };
    if (error.rawPacket && isUnknownMethodAtBoundary(error, socket, connection)) {
      resumeWithStandIn(server, socket, connection, error.rawPacket, refuse);
    } else if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || isUnused(error, socket, connection)) {
      socket.destroy();
    } else {
      refuse(explain(error));
    }
  });
}

const GIVEN_UP = /^HPE_|^ERR_HTTP_REQUEST_TIMEOUT$/;

/** No byte of a request came in headersTimeout. An answer would be taken for that of a request that is on its way. */
function isUnused(error: ParserError, socket: Socket, { outstanding, bytesAtBoundary }: Connection): boolean {
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && outstanding === 0 && socket.bytesRead === bytesAtBoundary;
}

function explain(error: ParserError): BridgeError {
  switch (error.code) {
    case 'HPE_INVALID_METHOD':
      // Where the request line begins is not certain: other bytes came before it in the same packet.
      return isMethodByte(error)
        ? new BridgeError('not_supported', 'A method of your own cannot be pipelined behind another request.')
        : new BridgeError('bad_request', 'The request does not begin with a method (RFC 9112 §3).');
    case 'HPE_HEADER_OVERFLOW':
      return new BridgeError('headers_too_large', 'The request head is larger than max_header_size.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new BridgeError('request_timeout', 'The request did not arrive in time (headers_timeout).');
    default:
      return new BridgeError('bad_request', `The request is malformed: ${error.message}.`);
  }
}

/** True where the byte at which the parser gave up could belong to a method, though none that it knows. */
function isMethodByte({ rawPacket, bytesParsed }: ParserError): boolean {
  const at = rawPacket?.[bytesParsed ?? -1];
  return at === undefined || isToken(String.fromCharCode(at));
}

/**
 * Writes the answer that ends a connection, after the responses that are still owed to whole
 * requests before it (RFC 9112 §9.3.2). A request that was broken off is not waited for.
 */
export function answerLast(socket: Socket, connection: Connection, problem: BridgeError): void {
  connection.ending = true;
  const broken = connection.latest !== null && !connection.latest.complete ? 1 : 0;
  connection.broken = broken;
  const answer = () => {
    if (socket.writable) socket.end(problemBytes(problem), () => linger(socket));
    else socket.destroy();
  };
  // A response that has begun, or ended, cannot be followed by another one: the connection just ends.
  const answered =
    connection.outstanding === 0 || (connection.outstanding === 1 && currentResponse(socket)?.headersSent === true);
  if (broken === 1 && answered) socket.destroy();
  else if (connection.outstanding - broken <= 0) answer();
  else connection.whenIdle = answer;
}

/** Closed while bytes come in, it would be reset, and the answer that the client has not read yet lost (RFC 9112 §9.6). */
function linger(socket: Socket): void {
  if (socket.readableEnded) {
    socket.destroy();
    return;
  }
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('end', () => socket.destroy());
  socket.once('close', () => clearTimeout(timer));
}
