import type { Socket } from 'node:net';

/*
 * undici 7 asserts that its parser is not held back when a connection ends or breaks (nodejs/undici#5360,
 * mended in 8, which needs Node 22). The assertion fails in an event of the socket, where nothing catches
 * it: a backend that closes its connection behind an answer that is not read yet would end the process.
 */

/**
 * Has the socket of a pool end only when undici reads it again, and lets undici take a break in the
 * meantime for what it is.
 *
 * undici puts what is left back (`unshift`, of nothing too) when it is held back, and reads (`read()`,
 * without a size) at no other time than when it is not.
 */
export function holdEnd(socket: Socket): void {
  const { unshift, read, push, destroy } = socket;
  let held = false;
  let ended = false;

  const end = () => {
    if (!ended || held || socket.readableLength > 0 || socket.destroyed) return;
    ended = false;
    Reflect.apply(push, socket, [null]);
    Reflect.apply(read, socket, [0]);
  };
  Object.assign(socket, {
    unshift(...args: unknown[]): void {
      held = true;
      Reflect.apply(unshift, socket, args);
    },
    read(...args: unknown[]): unknown {
      if (args.length > 0) return Reflect.apply(read, socket, args);
      held = false;
      // Behind what is read now, which may hold it back again.
      if (ended) queueMicrotask(end);
      return Reflect.apply(read, socket, args);
    },
    push(...args: unknown[]): unknown {
      if (args[0] !== null) return Reflect.apply(push, socket, args);
      ended = true;
      queueMicrotask(end);
      return false;
    },
    destroy(error?: Error): unknown {
      // By ECONNRESET, or by no error, undici would ask its parser whether the answer was whole.
      const broken = held ? new Error('the connection broke while it was not read', { cause: error }) : error;
      return Reflect.apply(destroy, socket, [broken]);
    },
  });
}
