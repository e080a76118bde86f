import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Message } from './message/make-message.js';

/** Who takes a response as it comes. What returns a promise is awaited before more is read. */
export interface ResponseSink {
  /** A head as it came, with its empty line; a character each byte. Interim ones (1xx) too. */
  head(text: string): void | Promise<void>;
  body(chunk: Buffer): void | Promise<void>;
  /** Fields behind the body, a line each. */
  trailers(text: string): void | Promise<void>;
}

/** How a response came. */
export interface Received {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly string[];
  /** Bytes of body. */
  readonly bytes: number;
  /** The connection ended before the body did. */
  readonly brokenOff: boolean;
}

/**
 * Sends a request on a connection of its own, byte for byte as the message is, and hands the response over as it comes.
 *
 * @throws when the connection fails before there is a response, the signal is aborted, or the sink throws
 */
export async function exchange(
  socketPath: string,
  message: Message,
  sink: ResponseSink,
  signal: AbortSignal,
): Promise<Received> {
  const socket = connect(socketPath);
  // Whoever reads hears of it.
  socket.on('error', () => undefined);
  const interim: string[] = [];
  const parsing = request({
    // The parser has to know what has no body. All else of this request is swallowed.
    method: message.method === 'HEAD' ? 'HEAD' : 'GET',
    createConnection: () => new ReadSide(socket),
    maxHeaderSize: MAX_HEAD_BYTES,
    signal,
  });
  parsing.maxHeadersCount = 0;
  parsing.on('information', ({ httpVersion, statusCode, statusMessage, rawHeaders }) =>
    interim.push(headText(httpVersion, statusCode, statusMessage, rawHeaders)),
  );
  parsing.end();
  try {
    const responded = once(parsing, 'response') as Promise<[IncomingMessage]>;
    write(socket, message);
    const [response] = await responded;
    for (const text of interim) await sink.head(text);
    return await receive(response, sink, signal);
  } finally {
    parsing.destroy();
    // What is left of the body nobody takes.
    socket.destroy();
  }
}

/** The proxy's own answer has what a backend's has; that was let through by a limit of its own. */
const MAX_HEAD_BYTES = 16 * 1024 * 1024;

async function receive(response: IncomingMessage, sink: ResponseSink, signal: AbortSignal): Promise<Received> {
  const { httpVersion, statusCode: status = 0, statusMessage: reason = '', rawHeaders: headers } = response;
  await sink.head(headText(httpVersion, status, reason, headers));
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      await sink.body(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    return { status, reason, headers, bytes, brokenOff: true };
  }
  if (response.rawTrailers.length > 0) await sink.trailers(lines(response.rawTrailers));
  return { status, reason, headers, bytes, brokenOff: false };
}

function write(socket: Socket, { method, target, headers, body }: Message): void {
  socket.write(`${method} ${target} HTTP/1.1\r\n${lines(headers)}\r\n`, 'latin1');
  if (body === null) return;
  const content = body.open();
  // A file that fails breaks the request off; an answer that comes before its body was taken ends the reading.
  content.once('error', (error) => socket.destroy(error));
  socket.once('close', () => content.destroy());
  content.pipe(socket, { end: false });
}

function headText(version: string, status: number, reason: string, headers: readonly string[]): string {
  return `HTTP/${version} ${status} ${reason}\r\n${lines(headers)}\r\n`;
}

function lines(fields: readonly string[]): string {
  let text = '';
  for (let i = 0; i < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return text;
}

/** A socket of which node:http sees what comes in; what it writes itself goes nowhere. */
class ReadSide extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (chunk) => this.push(chunk) || socket.pause());
    socket.once('end', () => this.push(null));
    socket.once('close', () => this.destroy());
    socket.once('error', (error) => this.destroy(error));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
