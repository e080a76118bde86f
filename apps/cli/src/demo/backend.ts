import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A backend for the demo: it tells in JSON what it was asked. */
export interface DemoBackend {
  readonly url: string;
  close(): Promise<void>;
}

export async function startDemoBackend(): Promise<DemoBackend> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const body = JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }, undefined, 2);
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
