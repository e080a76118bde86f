import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/*
 * Where a request ends among the bytes of its connection, which Node's parser does not tell.
 */

/** What ends the head of a message (RFC 9112 §2.1). */
export const HEAD_END = Buffer.from('\r\n\r\n');

interface Parser {
  /** ms since a message began; 0 between two. Node has it before version 22. */
  duration?(): number;
  getCurrentBuffer?(): Buffer;
}

/** The parser that reads a connection; none when it was given away, or the connection ended. */
export function parserOf(socket: Socket): Parser | null | undefined {
  return (socket as Socket & { parser?: Parser | null }).parser;
}

/**
 * How many bytes of its connection a request takes with all that came before it; NaN where that can't be told: a
 * chunked body, or a head that came in pieces. To be asked when the request comes out, while its last packet is read.
 *
 * @param before the same of the request before it
 */
export function endOf(request: IncomingMessage, before: number): number {
  const { headers, socket } = request;
  const packet = parserOf(socket)?.getCurrentBuffer?.();
  if (packet === undefined || headers['transfer-encoding'] !== undefined) return Number.NaN;
  const packetStart = socket.bytesRead - packet.length;
  const end = packet.indexOf(HEAD_END, Math.max(0, before - packetStart));
  if (end < 0) return Number.NaN;
  return packetStart + end + HEAD_END.length + Number(headers['content-length'] ?? 0);
}
