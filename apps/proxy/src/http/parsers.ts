import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/*
 * Which parser of node:http reads a socket. A parser cannot be started again, so where one has come
 * to its end while the connection goes on, another takes its place.
 */

/**
 * Takes a socket from node:http: its listeners, its overrides, its parser. Node does the same for an
 * upgrade; only its own `close` listener frees the parser, so that is called.
 */
export function detachParser(socket: Socket): void {
  // The wait for the next request, which only the parser before would end.
  socket.setTimeout(0);
  for (const event of HTTP_EVENTS) socket.removeAllListeners(event);
  for (const listener of socket.listeners('close')) {
    if (listener.name !== 'bound socketOnClose') continue;
    socket.off('close', listener as () => void);
    listener.call(socket);
  }
  for (const override of ['on', 'addListener', 'prependListener', 'setEncoding']) {
    if (Object.hasOwn(socket, override)) Reflect.deleteProperty(socket, override);
  }
  socket.on('error', () => socket.destroy());
  // Reading starts again with the first listener, as after an upgrade.
  Reflect.set(socket, 'readableFlowing', null);
}
const HTTP_EVENTS = ['data', 'end', 'drain', 'error', 'resume', 'pause', 'timeout'];

/** Gives a socket that has no parser, and stands before a request, to a new one. */
export function attachParser(server: Server, socket: Socket): void {
  server.emit('connection', socket);
}

/**
 * Replaces the parser of a socket that stands between two requests.
 *
 * A parser that has seen an Upgrade which was not taken up keeps silent about all that it can't read
 * from then on (node_http_parser.cc: errors are given when `!parser_.upgrade`), so a custom method
 * or a malformed request behind it would hang until headersTimeout.
 */
export function renewParser(server: Server, socket: Socket): void {
  if (!socket.writable || socket.destroyed) return;
  detachParser(socket);
  attachParser(server, socket);
}
