import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { belowTls } from '@kafka-http-proxy/service';
import type { Clock } from '@kafka-http-proxy/streams';

/** Notices a client that takes nothing. */
export interface StallWatch {
  /** Bytes were written that the system has not taken yet. */
  waiting(bytes: number): void;
  /** The system has taken bytes. */
  taken(bytes: number): void;
  /** How long the system has taken nothing of what waits, ms; 0 while nothing does. */
  stillMs(): number;
  stop(): void;
}

/** Looks in the idle time: a client is noticed a quarter of it late at most. */
const LOOKS = 4;

/**
 * @param stalled called once, when bytes waited for `idleMs` and not one of them was taken
 *
 * @example
 * const stall = watchStall(response, { idleMs: 30_000, clock }, () => response.destroy());
 * stall.waiting(chunk.length);
 * response.write(chunk, () => stall.taken(chunk.length));
 */
export function watchStall(
  response: ServerResponse,
  { idleMs, clock }: { readonly idleMs: number; readonly clock: Clock },
  stalled: () => void,
): StallWatch {
  let waitingBytes = 0;
  let progressMs = 0;
  let queued = 0;
  let cancel: (() => void) | null = null;

  const stillMs = () => {
    if (waitingBytes === 0) return 0;
    const now = clock.now();
    // A part of a chunk counts too: one may be long, and a client slow.
    const left = progressOf(response.socket);
    // Behind another response of its connection, it is not this one that its client does not read.
    if (left !== queued || response.socket === null) progressMs = now;
    queued = left;
    return now - progressMs;
  };
  const look = () => {
    cancel = null;
    if (waitingBytes === 0) return;
    if (stillMs() >= idleMs) stalled();
    else arm();
  };
  const arm = () => {
    cancel ??= clock.after(idleMs / LOOKS, look);
  };
  return {
    waiting(bytes) {
      if (waitingBytes === 0) progressMs = clock.now();
      waitingBytes += bytes;
      arm();
    },
    taken(bytes) {
      waitingBytes -= bytes;
      progressMs = clock.now();
    },
    stillMs,
    stop() {
      waitingBytes = 0;
      cancel?.();
      cancel = null;
    },
  };
}

/** What libuv holds of what was written, bytes: node:net looks there too, for its own timeouts. */
export function queuedBytes(socket: Socket | null): number {
  return socket === null ? 0 : writeQueueSize(belowTls(socket));
}

/**
 * A number that changes when the system takes bytes. Over TLS it is handed some when it has taken those before: what it
 * holds may be as much again, and what waits above it is less then.
 */
function progressOf(socket: Socket | null): number {
  if (socket === null) return 0;
  const below = belowTls(socket);
  return writeQueueSize(below) + (below === socket ? 0 : writeQueueSize(socket));
}

function writeQueueSize(socket: Socket): number {
  return (socket as Socket & { _handle?: { writeQueueSize?: number } | null })._handle?.writeQueueSize ?? 0;
}
