import { createHash, randomUUID } from 'node:crypto';
import { Agent, type IncomingMessage, request as send } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Kind, Outcome, Sent } from './history.js';
import { DIGEST_HEADER, ID_HEADER, isOwn } from './ledger-backend.js';

/** A client that keeps what became of each of its requests. */
export interface Load {
  readonly sent: Sent[];
  /** Sends nothing more; resolves when each request has an outcome, or was given up. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Where the next request goes; asked each time. Null: nowhere just now, so it waits. */
  target(): string | null;
  /** Requests a second that come whatever becomes of the others, by kind. */
  readonly rates: Readonly<Partial<Record<Exclude<Kind, 'write'>, number>>>;
  /** Keys whose writes are sent one after the other. */
  readonly keys: number;
  /** Between an answer and the next write of its key, ms. */
  readonly thinkMs?: number;
  /** A request without an outcome is given up after this, ms: above the proxies' own timeout. */
  readonly patienceMs: number;
}

/** More than one record holds: see the fault runner's `KAFKA_MAX_RECORD_BYTES`. */
const UPLOAD = Buffer.alloc(300_000, 'u');
const UPLOAD_DIGEST = createHash('sha256').update(UPLOAD).digest('hex');
const SHAPES = {
  read: { method: 'GET', path: '/read', body: null },
  write: { method: 'POST', path: '/write', body: Buffer.from('write') },
  upload: { method: 'PUT', path: '/upload', body: UPLOAD },
  download: { method: 'GET', path: '/download', body: null },
} as const;

export function startLoad(options: LoadOptions): Load {
  const sent: Sent[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = new Set<Promise<void>>();

  const one = async (kind: Kind, key: string | null, place: number): Promise<void> => {
    let origin = options.target();
    while (origin === null && !signal.aborted) {
      await pause(20);
      origin = options.target();
    }
    if (origin === null) return;
    const request: Sent = { id: randomUUID(), kind, key, place, sentMs: Date.now(), outcomes: [] };
    sent.push(request);
    await ask(origin, request, agent, options.patienceMs);
  };
  const track = (work: Promise<void>): void => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };
  const steady = async (kind: Kind, perSecond: number): Promise<void> => {
    const startMs = performance.now();
    for (let i = 0; !signal.aborted; i++) {
      const waitMs = startMs + (i * 1000) / perSecond - performance.now();
      if (waitMs > 0) await pause(waitMs);
      track(one(kind, null, i));
    }
  };
  const inOrder = async (key: string): Promise<void> => {
    for (let place = 0; !signal.aborted; place++) {
      await one('write', key, place);
      await pause(options.thinkMs ?? 20);
    }
  };

  const sources = [
    ...Object.entries(options.rates).map(([kind, rate]) => steady(kind as Kind, rate)),
    ...Array.from({ length: options.keys }, (_, i) => inOrder(`key-${i}`)),
  ];
  return {
    sent,
    async stop() {
      stopping.abort();
      await Promise.all(sources);
      await Promise.all(running);
      agent.destroy();
    },
  };
}

/** Sends one request and notes each of its outcomes; resolves at the first, or when it is given up. */
function ask(origin: string, request: Sent, agent: Agent, patienceMs: number): Promise<void> {
  const { method, path, body } = SHAPES[request.kind];
  return new Promise((resolve) => {
    const end = (outcome: Omit<Outcome, 'atMs'>) => {
      request.outcomes.push({ ...outcome, atMs: Date.now() });
      clearTimeout(timer);
      resolve();
    };
    const broke = ({ code, message }: NodeJS.ErrnoException) => {
      if (!givenUp) end({ status: null, code: code ?? message, right: null });
    };
    let givenUp = false;
    const timer = setTimeout(() => {
      givenUp = true;
      outgoing.destroy();
      resolve();
    }, patienceMs);
    const outgoing = send(`${origin}${path}`, {
      agent,
      method,
      headers: {
        [ID_HEADER]: request.id,
        ...(request.key !== null && { 'X-Kafka-Key': request.key }),
        ...(body === UPLOAD && { [DIGEST_HEADER]: UPLOAD_DIGEST }),
        ...(body !== null && { 'Content-Length': body.length }),
      },
    });
    let answered = false;
    outgoing.once('error', (error) => answered || broke(error));
    outgoing.once('response', (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', broke);
      response.once('end', () => end(judge(request, path, response, Buffer.concat(chunks).toString())));
    });
    outgoing.end(body ?? undefined);
  });
}

function judge({ id }: Sent, path: string, response: IncomingMessage, body: string): Omit<Outcome, 'atMs'> {
  const status = response.statusCode ?? 0;
  if (response.headers['content-type'] === 'application/problem+json') {
    return { status, code: String((JSON.parse(body) as { code?: unknown }).code), right: null };
  }
  return { status, code: status === 200 ? null : `status ${status}`, right: isOwn(id, path, response.headers, body) };
}
