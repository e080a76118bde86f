import type { IncomingMessage } from 'node:http';
import { HEAD_END, parserOf } from './message-end.js';

/**
 * True where Node's parser is about to lose bytes: it stops behind a request that offers an upgrade, and
 * what came with it in the same packet is dropped. So the connection has to end with its answer, for the
 * client to send again what it had pipelined. In doubt true. To be asked when the request comes out.
 */
export function losesNext(request: IncomingMessage): boolean {
  const { headers, socket } = request;
  if (headers.upgrade === undefined) return false;
  const packet = parserOf(socket)?.getCurrentBuffer?.();
  if (packet === undefined) return true;
  const end = packet.indexOf(HEAD_END);
  // The last bytes of a head that came in pieces.
  if (end < 0) return packet.length >= HEAD_END.length;
  const behind = packet.length - end - HEAD_END.length;
  return behind > Number(headers['content-length'] ?? 0);
}
