import type { Socket } from 'node:net';

/** What node:tls keeps of the connection that its bytes go over; no public property has it. */
interface OverAnother {
  readonly _parent?: Socket | null;
}

/** The connection of the system: that below TLS, or the socket itself. */
export function belowTls(socket: Socket): Socket {
  return (socket as Socket & OverAnother)._parent ?? socket;
}
