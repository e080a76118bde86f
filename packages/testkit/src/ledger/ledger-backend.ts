import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { closeServer, listen } from '../http/http-server.js';
import type { Execution } from './history.js';

/** Names a request; the backend answers with it. */
export const ID_HEADER = 'x-ledger-id';
/** SHA-256 of the body that was sent, hex. */
export const DIGEST_HEADER = 'x-ledger-digest';

/** Lines of a download, and the time over which they are written, ms. */
const DOWNLOAD_LINES = 6;
const DOWNLOAD_MS = 60;
/** Long enough that each line is a record of its own. */
const LINE_PAD = 'x'.repeat(20_000);

/** A backend that keeps what it ran. */
export interface LedgerBackend {
  readonly url: string;
  readonly port: number;
  readonly executions: Execution[];
  /** How it behaves; `well` at the start. */
  mood: Mood;
  /** How long it takes over a request, ms. */
  delayMs: number;
  /** Connections are refused from now on. */
  fall(): Promise<void>;
  /** It is there again, at the same port. */
  rise(): Promise<void>;
  close(): Promise<void>;
}

/** `broken` closes the connection, `hanging` never answers. */
export type Mood = 'well' | 'broken' | 'hanging';

export async function startLedgerBackend(delayMs = 5): Promise<LedgerBackend> {
  const executions: Execution[] = [];
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    if (backend.mood === 'broken') {
      request.socket.destroy();
      return;
    }
    if (backend.mood === 'well') void run(request, response, backend).catch(() => response.destroy());
  };
  let server = createServer(serve);
  const port = await listen(server);
  const fall = () => closeServer(server);
  const backend: LedgerBackend = {
    url: `http://127.0.0.1:${port}`,
    port,
    executions,
    mood: 'well',
    delayMs,
    fall,
    async rise() {
      server = createServer(serve);
      await listen(server, port);
    },
    close: fall,
  };
  return backend;
}

async function run(request: IncomingMessage, response: ServerResponse, backend: LedgerBackend): Promise<void> {
  const id = String(request.headers[ID_HEADER]);
  const execution: Execution = { id, startedMs: Date.now(), endedMs: null };
  const hash = createHash('sha256');
  for await (const chunk of request) hash.update(chunk as Buffer);
  const announced = request.headers[DIGEST_HEADER];
  // A body that is not whole is no execution: Node ends the loop above with an error for one that was cut.
  backend.executions.push(execution);
  await pause(backend.delayMs);
  response.setHeader('X-Ledger-Id', id);
  response.setHeader('X-Ledger-Body', announced === undefined || announced === hash.digest('hex') ? 'right' : 'wrong');
  if (request.url !== '/download') {
    execution.endedMs = Date.now();
    response.end(id);
    return;
  }
  const name = randomUUID();
  for (let line = 0; line < DOWNLOAD_LINES; line++) {
    response.write(`${id} ${name} ${line} ${LINE_PAD}\n`);
    await pause(DOWNLOAD_MS / DOWNLOAD_LINES);
  }
  execution.endedMs = Date.now();
  response.end();
}

/** Whether a reply is the request's own: whole, and of one execution. */
export function isOwn(id: string, path: string, headers: IncomingMessage['headers'], body: string): boolean {
  if (headers[ID_HEADER] !== id || headers['x-ledger-body'] !== 'right') return false;
  if (path !== '/download') return body === id;
  const lines = body.split('\n').slice(0, -1);
  const [, name] = lines[0]?.split(' ') ?? [];
  return lines.length === DOWNLOAD_LINES && lines.every((line, i) => line === `${id} ${name} ${i} ${LINE_PAD}`);
}
