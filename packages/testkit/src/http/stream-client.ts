import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  request as send,
} from 'node:http';
import { Readable } from 'node:stream';

/** A request whose body and reply the test moves by itself, on a connection of its own. */
export interface Exchange {
  readonly request: ClientRequest;
  /** Rejects when the connection ends before there is a head. */
  readonly response: Promise<IncomingMessage>;
}

export function openExchange(port: number, method: string, path: string, headers: OutgoingHttpHeaders = {}): Exchange {
  const request = send({ host: '127.0.0.1', port, method, path, headers, agent: false });
  const response = once(request, 'response').then(([message]) => {
    (message as IncomingMessage).on('error', () => undefined);
    return message as IncomingMessage;
  });
  // Who goes away, or sends what nobody reads any more, need not look at it.
  response.catch(() => undefined);
  request.on('error', () => undefined);
  return { request, response };
}

/** The body as a stream of small buffers. */
export function inPieces(body: Buffer, bytes = 50_000): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += bytes) pieces.push(body.subarray(at, at + bytes));
  return Readable.from(pieces);
}

export function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Reads to the end. @throws Error when the connection was cut before it */
export async function sha256Of(stream: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

/** Reads on until the reply is over, and tells whether it came whole. */
export function endOf(response: IncomingMessage): Promise<'whole' | 'cut'> {
  response.resume();
  return new Promise((resolve) => {
    const tell = () => resolve(response.complete ? 'whole' : 'cut');
    if (response.closed) tell();
    else response.once('close', tell);
  });
}

/** Writes as fast as it is taken, for as long as there is somebody. */
export function pour(to: ServerResponse | ClientRequest): void {
  const chunk = Buffer.alloc(65_536);
  const go = () => {
    while (!(to.destroyed || to.writableEnded) && to.write(chunk));
  };
  to.on('drain', go);
  go();
}

/** The outcome, if it comes in time. @throws Error when it does not */
export async function within<T>(ms: number, outcome: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}
