import type { Socket } from 'node:net';

/** The address that a connection comes from; an IPv4 one as such. Null where it is gone, and nobody asked before. */
export function clientAddress({ remoteAddress }: Pick<Socket, 'remoteAddress'>): string | null {
  if (remoteAddress === undefined) return null;
  return remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress;
}
