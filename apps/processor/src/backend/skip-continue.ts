import type { Socket } from 'node:net';

/*
 * A server may send `100 Continue` though nobody asked for it, and a client has to skip it (RFC 9110
 * §15.2.1). undici ends the connection instead (client-h1.js, "bad response"), so it is taken out
 * before undici reads it. Other 1xx responses undici skips itself.
 */

const CONTINUE = Buffer.from('HTTP/1.1 100');
const HEAD_END = Buffer.from('\r\n\r\n');
/** A longer head than this is let through, for undici to refuse. */
const MAX_HEAD_BYTES = 8 * 1024;

/**
 * Has the socket of a pool not give out what `100 Continue` heads come between a request and its
 * response. One request at a time, written in one turn: what comes after a write is a response's start.
 */
export function skipContinue(socket: Socket): void {
  const { write, read } = socket;
  let atStart = false;
  let held: Buffer | null = null;

  const writing = (...args: unknown[]) => {
    atStart = true;
    return Reflect.apply(write, socket, args);
  };
  const reading = (...args: unknown[]): Buffer | null => {
    const chunk: Buffer | null = Reflect.apply(read, socket, args);
    if (!atStart || chunk === null) return chunk;
    let bytes = held === null ? chunk : Buffer.concat([held, chunk]);
    held = null;
    while (startsContinue(bytes)) {
      const end = bytes.indexOf(HEAD_END);
      if (end < 0 && bytes.length <= MAX_HEAD_BYTES) {
        held = bytes;
        return null;
      }
      if (end < 0) break;
      bytes = bytes.subarray(end + HEAD_END.length);
      if (bytes.length === 0) return null;
    }
    atStart = false;
    return bytes;
  };
  Object.assign(socket, { write: writing, read: reading });
}

/** True also for fewer bytes that may yet become one. */
function startsContinue(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, CONTINUE.length);
  // `1000` is no status: undici refuses it.
  return bytes.compare(CONTINUE, 0, length, 0, length) === 0 && !isDigit(bytes[CONTINUE.length]);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
