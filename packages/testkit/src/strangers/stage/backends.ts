import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { closeServer, listen } from '../../http/http-server.js';

/** A backend that keeps requests waiting until it is told to answer. */
export interface HoldingBackend {
  readonly url: string;
  /** What it got and has not answered, in the order that it came. */
  readonly held: readonly Held[];
  /** All requests that it ever got, as `METHOD target`. */
  readonly seen: readonly string[];
  /** Bytes of bodies that it ever got. */
  bodyBytes(): number;
  /** Answers all that is held, and what comes from now on at once. */
  release(): void;
  /** Holds again. */
  hold(): void;
  close(): Promise<void>;
}

export interface Held {
  readonly target: string;
  /** X-Request-ID. */
  readonly id: string;
}

interface Waiting extends Held {
  readonly response: ServerResponse;
}

/** @param answer the body for a request, which may be read or not when it is made */
export async function startHoldingBackend(answer: (target: string) => Buffer | string): Promise<HoldingBackend> {
  let held: Waiting[] = [];
  let holding = true;
  let bytes = 0;
  const seen: string[] = [];
  const end = ({ response, target }: Waiting) => response.end(answer(target));
  const server = createServer({ maxHeaderSize: 1_048_576 }, (request: IncomingMessage, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const target = request.url ?? '';
    seen.push(`${request.method} ${target}`);
    const one = { target, id: String(request.headers['x-request-id'] ?? ''), response };
    if (!holding) {
      request.on('end', () => end(one));
      return;
    }
    held.push(one);
    response.on('close', () => {
      held = held.filter((other) => other !== one);
    });
  });
  server.maxHeadersCount = 0;
  server.keepAliveTimeout = 60_000;
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    get held() {
      return held;
    },
    seen,
    bodyBytes: () => bytes,
    release() {
      holding = false;
      for (const one of held) end(one);
      held = [];
    },
    hold() {
      holding = true;
    },
    close: () => closeServer(server),
  };
}

/** A backend that writes down what comes, byte for byte, and answers each head at once. */
export interface ByteBackend {
  readonly url: string;
  /** All that came on all connections, in the order that it came. */
  text(): string;
  close(): Promise<void>;
}

export async function startByteBackend(): Promise<ByteBackend> {
  const sockets = new Set<Socket>();
  let text = '';
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (chunk.includes('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: () => text,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
