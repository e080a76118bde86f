import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Connections of somebody who does not keep to the rules. */
export interface Sockets {
  readonly all: readonly Socket[];
  /** The first line of what came on each so far; empty where nothing did. */
  statuses(): string[];
  /** Hangs up on all. */
  close(): void;
}

export interface SocketsOptions {
  readonly port: number;
  readonly count: number;
  /** What each sends, as far as it is taken. */
  readonly bytes: (index: number) => Buffer | string;
  /** Whether what comes is read; false when left out. */
  readonly reads?: boolean;
  /** Each hangs up so long after it has sent, ms; never when left out. */
  readonly leavesAfterMs?: number;
}

/** Opens that many connections, and resolves when they are open; what they send goes on. */
export async function openSockets({
  port,
  count,
  bytes,
  reads = false,
  leavesAfterMs,
}: SocketsOptions): Promise<Sockets> {
  const texts: string[] = Array.from({ length: count }, () => '');
  const all = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const socket = await dial(port);
      if (reads) {
        socket.on('data', (chunk) => {
          if ((texts[index] as string).length < 100) texts[index] += chunk.toString('latin1').slice(0, 100);
        });
      }
      socket.write(bytes(index), () => {
        if (leavesAfterMs !== undefined) setTimeout(() => socket.destroy(), leavesAfterMs);
      });
      return socket;
    }),
  );
  return {
    all,
    statuses: () => texts.map((text) => /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? ''),
    close() {
      for (const socket of all) socket.destroy();
    },
  };
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    // One that is refused counts as one that got nothing.
    socket.on('error', () => resolve(socket));
  });
}

/** Looks again and again until it holds; false when it did not in time. */
export async function holds(withinMs: number, look: () => boolean | Promise<boolean>): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    if (await look()) return true;
    if (performance.now() > endMs) return false;
    await pause(50);
  }
}
