import type { Socket } from 'node:net';
import { BridgeError } from '@kafka-http-proxy/protocol';
import type { MemoryBudget } from '@kafka-http-proxy/streams';
import type { Connection, Connections } from './connections.js';
import { answerLast, type Refused } from './parser-errors.js';
import { refusedHead } from './refused-head.js';

/*
 * What many connections hold together though none of them has sent a request: places, and heads that have begun.
 */

/** What bounds a crowd. */
export interface CrowdOptions {
  readonly connections: Pick<Connections, 'all' | 'size'>;
  readonly budget: Pick<MemoryBudget, 'force' | 'release' | 'wholeBytes'>;
  /** Most connections at once; 0: no limit. Asked for each. */
  readonly maxConnections: number;
  /** A connection was ended because there was no room. */
  readonly refused: Refused;
}

/** The connections of strangers, taken together. */
export interface Crowd {
  /** A connection was opened: where that is one too many, one that does nothing ends, or else this one. */
  opened(socket: Socket): void;
  close(): void;
}

/** Between two looks at the heads that have begun, ms. */
const LOOK_MS = 100;
/** Of the memory for whole things, what such heads may take. */
const SHARE = 1 / 4;
/** A byte of a head costs about so many, read into strings. */
const PRICE = 2;
/** A line that Node's parser has handed over takes about so many bytes beside its characters. */
const LINE_BYTES = 64;

/**
 * Looks at what connections hold together, and ends those that are too many.
 *
 * @example
 * const crowd = watchCrowd({ connections, budget, maxConnections: 10_000, refused });
 * server.on('connection', crowd.opened);
 */
export function watchCrowd(options: CrowdOptions): Crowd {
  const { connections, budget, refused } = options;
  const limit = budget.wholeBytes * SHARE;
  let counted = 0;

  const look = () => {
    const begun: { readonly socket: Socket; readonly connection: Connection; readonly bytes: number }[] = [];
    let total = 0;
    for (const [socket, connection] of connections.all()) {
      const bytes = beginning(socket, connection);
      if (bytes === 0) continue;
      total += bytes;
      begun.push({ socket, connection, bytes });
    }
    if (total > limit) {
      begun.sort((a, b) => b.bytes - a.bytes);
      for (const { socket, connection, bytes } of begun) {
        refused('overloaded', refusedHead(socket, connection, undefined));
        answerLast(
          socket,
          connection,
          new BridgeError('overloaded', 'Too many request heads have begun and not ended.'),
        );
        total -= bytes;
        if (total <= limit) break;
      }
    }
    budget.release('head', counted);
    budget.force('head', total);
    counted = total;
  };
  const timer = setInterval(look, LOOK_MS).unref();

  return {
    opened(socket) {
      const { maxConnections } = options;
      if (maxConnections === 0 || connections.size() <= maxConnections) return;
      for (const [other, { outstanding, latest }] of connections.all()) {
        // One that has had an answer and rests: its client dials again.
        if (outstanding > 0 || latest === null || other === socket) continue;
        other.destroySoon();
        return;
      }
      refused('overloaded');
      socket.destroy();
    },
    close() {
      clearInterval(timer);
      budget.release('head', counted);
      counted = 0;
    },
  };
}

/** About what a head holds that has begun and not ended, bytes; 0 where there is none. */
function beginning(socket: Socket, { ending, outstanding, bytesAtBoundary }: Connection): number {
  if (ending || socket.destroyed) return 0;
  const { parser } = socket as Socket & { parser?: { _headers?: readonly string[] } | null };
  // Node gathers here what its parser hands over before the head has ended.
  const lines = (parser?._headers?.length ?? 0) / 2;
  // Between two requests all that was read is of the next.
  const read = outstanding === 0 && bytesAtBoundary >= 0 ? socket.bytesRead - bytesAtBoundary : 0;
  return read * PRICE + lines * LINE_BYTES;
}
