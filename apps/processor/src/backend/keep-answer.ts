import type { Socket } from 'node:net';

type Written = (error?: Error | null) => void;

/**
 * Has a failed write not destroy the socket before all was read that the backend had sent.
 *
 * A backend that answers at the head of an upload and hangs up (413, 401, 503) resets the connection. The
 * kernel keeps what had come before the reset, but Node destroys a socket whose write fails, and the answer
 * in it. Here the write only stays unfinished; the end or the error that reading then comes to ends the socket.
 */
export function keepAnswer(socket: Socket): void {
  const { _write, _writev } = socket;
  let failed: (() => void) | null = null;
  let readAll = false;

  const kept =
    (written: Written): Written =>
    (error) => {
      if (!error || readAll || socket.destroyed) written(error);
      else failed = () => written(error);
    };
  socket.once('end', () => {
    readAll = true;
    // Behind those who wait for the end, who may find the answer whole.
    if (failed !== null) queueMicrotask(failed);
  });
  Object.assign(socket, {
    _write(chunk: unknown, encoding: BufferEncoding, written: Written): void {
      Reflect.apply(_write, socket, [chunk, encoding, kept(written)]);
    },
    ...(_writev && {
      _writev(chunks: unknown, written: Written): void {
        Reflect.apply(_writev, socket, [chunks, kept(written)]);
      },
    }),
  });
}
