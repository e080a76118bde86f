import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** Listens on this machine; resolves with the port. @param wanted a free one, when left out */
export function listen(server: Server | SecureServer, wanted = 0): Promise<number> {
  return new Promise((resolve) => {
    server.listen(wanted, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Ends a server and what it still has open. */
export function closeServer(server: Server | SecureServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
