import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A backend for the demo: it tells in JSON what it was asked. */
export interface DemoBackend {
  readonly url: string;
  /** Refuses connections until {@link DemoBackend.repair}; what is under way is cut. */
  break(): Promise<void>;
  /** Listens again, on the same port. */
  repair(): Promise<void>;
  close(): Promise<void>;
}

export async function startDemoBackend(): Promise<DemoBackend> {
  let server = await listen(tell, 0);
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    break: close,
    async repair() {
      if (!server.listening) server = await listen(tell, port);
    },
    close,
  };
}

/** Listens on the loopback address. */
export async function listen(handle: RequestListener, port: number): Promise<Server> {
  const server = createServer(handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

const tell: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url, headers } = request;
    const body = JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }, undefined, 2);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
    response.end(body);
  });
};
