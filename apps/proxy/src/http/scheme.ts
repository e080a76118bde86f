import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** How a client came: by TLS that ends here, or not. What proxies before it did, X-Forwarded-Proto says. */
export function schemeOf(socket: Socket): 'http' | 'https' {
  return (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http';
}
