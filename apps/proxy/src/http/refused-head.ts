import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection } from './connections.js';

/** What was answered before it was a request, or where it stopped to be one. */
export interface RefusedHead {
  readonly socket: Socket;
  /** Its request line, whatever bytes that has; null where it is not known. */
  readonly line: string | null;
  /** A request that was taken, and broke off in its body: it has an end of its own. */
  readonly broken: IncomingMessage | null;
}

/** Longest request line that is looked for, bytes. */
const MAX_LINE_BYTES = 8192;

/** @param packet what the parser gave up on */
export function refusedHead(socket: Socket, connection: Connection, packet: Buffer | undefined): RefusedHead {
  const { latest, outstanding, bytesAtBoundary } = connection;
  const broken = latest !== null && !latest.complete ? latest : null;
  // Else the packet begins in the middle of something.
  const begins = packet !== undefined && outstanding === 0 && socket.bytesRead - bytesAtBoundary === packet.length;
  return { socket, broken, line: begins && broken === null ? firstLine(packet) : null };
}

/** Without the empty lines that may stand before it (RFC 9112 §2.2). */
function firstLine(packet: Buffer): string {
  const text = packet.subarray(0, MAX_LINE_BYTES).toString('latin1');
  return /^[\r\n]*([^\r\n]*)/.exec(text)?.[1] ?? '';
}
