import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** The address that a connection comes from; an IPv4 one as such. Null where it is gone, and nobody asked before. */
export function clientAddress({ remoteAddress }: Pick<Socket, 'remoteAddress'>): string | null {
  if (remoteAddress === undefined) return null;
  return remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress;
}

/** How a client came: by TLS that ends here, or not. What proxies before it did, X-Forwarded-Proto says. */
export function schemeOf(socket: Socket): 'http' | 'https' {
  return (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http';
}
