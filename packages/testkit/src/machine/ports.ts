import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the ports that Linux gives away by itself: no connection and no listener on port 0 takes one from here. */
const FIRST = 18_000;
const LAST = 32_000;

/** Each process begins elsewhere, so that test files side by side do not meet. */
let next = FIRST + Math.floor(Math.random() * (LAST - FIRST));

/** A port that was free a moment ago, and that this process is not given again soon. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < LAST - FIRST; tries++) {
    const port = next;
    next = next < LAST ? next + 1 : FIRST;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${LAST} is free`);
}

/** Ports that were free just now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server: Server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
