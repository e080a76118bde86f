import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { closeServer, listen } from './http-server.js';

/** A request as the backend got it. */
export interface Received {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export type Answer = (request: Received, response: ServerResponse, incoming: IncomingMessage) => void;

/** A backend whose answers the test decides. */
export interface ScriptedBackend {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  answer: Answer;
  close(): Promise<void>;
}

/** An HTTP backend on a free port; it takes any header size that the bridge lets through. */
export async function startBackend(answer: Answer = echo): Promise<ScriptedBackend> {
  const received: Received[] = [];
  const server = createServer({ maxHeaderSize: 1_048_576 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one: Received = {
        method: request.method ?? '',
        target: request.url ?? '',
        rawHeaders: request.rawHeaders,
        body: Buffer.concat(chunks),
      };
      received.push(one);
      backend.answer(one, response, request);
    });
  });
  server.maxHeadersCount = 0;
  const port = await listen(server);
  const backend: ScriptedBackend = {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    answer,
    close: () => closeServer(server),
  };
  return backend;
}

/** Answers with what it got: method and target as headers, the body as the body. */
export const echo: Answer = (request, response) => {
  response.writeHead(200, [
    'X-Method',
    request.method,
    'X-Target',
    request.target,
    'Content-Length',
    String(request.body.length),
  ]);
  response.end(request.body);
};

/** A TCP backend: it sends bytes as soon as a request's first bytes came, whatever they were. */
export interface RawBackend {
  readonly url: string;
  readonly port: number;
  /** Heads of the requests, as text. */
  readonly received: string[];
  close(): Promise<void>;
}

export async function startRawBackend(respond: (socket: Socket, request: string) => void): Promise<RawBackend> {
  const sockets = new Set<Socket>();
  const received: string[] = [];
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      received.push(text);
      respond(socket, text);
      text = '';
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
