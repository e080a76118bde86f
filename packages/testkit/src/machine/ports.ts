import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the ports that Linux gives away by itself: no connection and no listener on port 0 takes one from here. */
const FIRST = 18_000;
const LAST = 32_000;

/** Each process begins elsewhere, so that test files side by side seldom meet. */
let next = FIRST + Math.floor(Math.random() * (LAST - FIRST));

/**
 * The same ports of UDP, which nobody uses here: held until this process ends, they tell the other processes which ports
 * were given away and are not listened on yet.
 */
const given: Socket[] = [];

/** A port that is free, and that no process which asks here is given while this one lives. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < LAST - FIRST; tries++) {
    const port = next;
    next = next < LAST ? next + 1 : FIRST;
    if (await reserve(port)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${LAST} is free`);
}

/** Ports that are free, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

async function reserve(port: number): Promise<boolean> {
  const socket = createSocket('udp4').unref();
  try {
    socket.bind({ port, address: '127.0.0.1', exclusive: true });
    await once(socket, 'listening');
  } catch {
    socket.close();
    return false;
  }
  if (await isFree(port)) {
    given.push(socket);
    return true;
  }
  socket.close();
  return false;
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
