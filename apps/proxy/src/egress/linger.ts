import type { IncomingMessage } from 'node:http';

/** A client that goes on sending what nobody wants is cut off after this many ms. */
export const LINGER_MS = 5_000;

/**
 * Reads and drops what is left of a request's body: a connection that is closed while bytes come in
 * is reset, and the answer that the client has not read yet is lost with it (RFC 9112 §9.6).
 *
 * @param done the client has sent all of it; not called where it is cut off
 */
export function dropRest(request: IncomingMessage, done: () => void = () => undefined): void {
  if (request.complete) {
    done();
    return;
  }
  const timer = setTimeout(() => request.complete || request.socket.destroy(), LINGER_MS).unref();
  request.once('end', () => {
    clearTimeout(timer);
    done();
  });
  request.resume();
}
