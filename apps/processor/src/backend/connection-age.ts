import type { Socket } from 'node:net';

/** How old the connections of a pool are: one that is used without a break would never ask for its name's address again. */
export interface ConnectionAge {
  /** For a connection that was just made. */
  watch(socket: Socket): void;
  /** True where it should be used no more. */
  isOver(socket: Socket): boolean;
}

/** Of the age, the part by which it differs between connections: those of one moment are not all made again in one. */
const SPREAD = 0.2;

/**
 * @param maxMs oldest that a connection gets; 0: any age
 * @param now ms on a clock that only goes forward
 * @example
 * const age = createConnectionAge(300_000);
 * age.watch(socket);
 * if (age.isOver(socket)) socket.destroy();
 */
export function createConnectionAge(maxMs: number, now: () => number = () => performance.now()): ConnectionAge {
  const endsAt = new WeakMap<Socket, number>();
  return {
    watch(socket) {
      if (maxMs > 0) endsAt.set(socket, now() + maxMs * (1 - SPREAD * Math.random()));
    },
    isOver: (socket) => now() >= (endsAt.get(socket) ?? Number.POSITIVE_INFINITY),
  };
}
