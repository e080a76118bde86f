import { readFile } from 'node:fs/promises';
import { type Agent, request as httpRequest } from 'node:http';
import type { Received } from '../http/scripted-backend.js';

/** Header lines of so many bytes each, line ends included. */
export function lines(count: number, bytes: number): string[] {
  return Array.from({ length: count }, () => 'a:'.padEnd(bytes - 2, 'b'));
}

/** The names of the header lines that a backend got, in lower case. */
export function names(received: Received | undefined): string[] {
  return (received?.rawHeaders ?? []).filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
}

/** The value of a header line that a backend got. */
export function value(received: Received | undefined, name: string): string | undefined {
  return received?.rawHeaders[names(received).indexOf(name) * 2 + 1];
}

/** The status of one request, or the code of its failure. */
export function ask(port: number, agent: Agent, method: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    const request = httpRequest({ host: '127.0.0.1', port, agent, method, path }, (response) => {
      response.resume();
      response.once('end', () => resolve(String(response.statusCode)));
      response.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
    request.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.end(method === 'GET' ? undefined : 'body');
  });
}

/** The status of a GET from another address of this machine, such as 127.0.0.2: whose word does not count. */
export function askFrom(
  localAddress: string,
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, localAddress, path, headers, agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode));
    });
    request.once('error', reject);
    request.end();
  });
}

/** Connections of this machine to one of its ports, those just closed (TIME_WAIT) included. */
export async function connectionsTo(port: number): Promise<number> {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile('/proc/net/tcp', 'utf8')).trim().split('\n').slice(1);
  return lines.filter((line) => line.trim().split(/\s+/)[2]?.endsWith(remote)).length;
}
