import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The response that is being written on a connection: of those that are owed, the first. node:http keeps it in
 * `_httpMessage`; no public property has it.
 */
export function currentResponse(socket: Socket): ServerResponse | null | undefined {
  return (socket as Socket & { _httpMessage?: ServerResponse | null })._httpMessage;
}
