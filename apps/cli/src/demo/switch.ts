import type { AddressInfo } from 'node:net';
import { type DemoBackend, listen } from './backend.js';

/** A port of its own that breaks the demo's backend and repairs it, for those who want to see what happens then. */
export interface BackendSwitch {
  readonly url: string;
  close(): Promise<void>;
}

/** Takes `POST /break` and `POST /repair`. */
export async function startSwitch(backend: Pick<DemoBackend, 'break' | 'repair'>): Promise<BackendSwitch> {
  const orders: Readonly<Record<string, () => Promise<void>>> = { '/break': backend.break, '/repair': backend.repair };
  const server = await listen((request, response) => {
    const order = request.method === 'POST' ? orders[request.url ?? ''] : undefined;
    const answer = (status: number, text: string) => response.writeHead(status, TEXT).end(`${text}\n`);
    if (order === undefined) answer(404, 'POST /break or POST /repair was expected');
    else
      order().then(
        () => answer(200, `the backend: ${request.url === '/break' ? 'refuses connections' : 'works'}`),
        () => answer(500, 'failed'),
      );
  }, 0);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const TEXT = { 'Content-Type': 'text/plain' };
