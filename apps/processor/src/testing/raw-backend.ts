import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawBackend {
  readonly url: string;
  /** Requests as they came over the wire, one character a byte. */
  readonly requests: string[];
  /** Connections that were opened. */
  connections(): number;
  /** Resolves when a connection that was open has ended. */
  readonly disconnected: Promise<void>;
}

/** What a backend does with a request: bytes to answer with, or anything. */
export type Behaviour = string | Buffer | ((socket: Socket, request: string) => void);

/** A backend of bytes on a port of its own; it ends with the test. The last behaviour goes for later requests too. */
export async function rawBackend(...behaviours: Behaviour[]): Promise<RawBackend> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let onDisconnect = () => {};
  const disconnected = new Promise<void>((resolve) => {
    onDisconnect = resolve;
  });
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    let pending = '';
    socket.on('data', (bytes) => {
      pending += bytes.toString('latin1');
      for (let length = requestLength(pending); length > 0; length = requestLength(pending)) {
        const request = pending.slice(0, length);
        pending = pending.slice(length);
        requests.push(request);
        const behaviour = behaviours[Math.min(requests.length, behaviours.length) - 1] as Behaviour;
        if (typeof behaviour === 'function') behaviour(socket, request);
        else socket.write(behaviour, 'latin1');
      }
    });
    socket.on('error', () => {});
    socket.on('close', onDisconnect);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, requests, connections: () => connections, disconnected };
}

/** Length of the first whole request in `text`; 0 when there is none. */
function requestLength(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, end))?.[1] ?? 0);
  return text.length >= end + 4 + length ? end + 4 + length : 0;
}

/** A port where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
