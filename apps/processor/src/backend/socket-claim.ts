import type { Socket } from 'node:net';

/**
 * Tells a call which socket of its pool it goes out on, which undici tells nobody: it writes the head of a
 * request in the turn in which it says that there is a connection.
 */
export interface SocketClaim {
  /** For a call that is about to be written. */
  next(take: (socket: Socket) => void): void;
  /** Has a socket of the pool be given to the call that is written to it. */
  watch(socket: Socket): void;
}

/**
 * Makes the claim of a pool; its sockets have to be watched.
 *
 * @example
 * const claim = createSocketClaim();
 * claim.watch(socket);
 * claim.next((taken) => console.log(taken === socket)); // at the next write
 */
export function createSocketClaim(): SocketClaim {
  let waiting: ((socket: Socket) => void) | null = null;
  return {
    next(take) {
      waiting = take;
    },
    watch(socket) {
      const { write } = socket;
      const writing = (...args: unknown[]) => {
        const take = waiting;
        waiting = null;
        take?.(socket);
        return Reflect.apply(write, socket, args);
      };
      Object.assign(socket, { write: writing });
    },
  };
}
