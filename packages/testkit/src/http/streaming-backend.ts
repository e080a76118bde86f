import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeServer, listen } from './http-server.js';

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** A backend that is given each request at its head, and reads and answers as it likes. */
export interface StreamingBackend {
  readonly url: string;
  readonly port: number;
  handle: Handle;
  /** The next request, for the test to read and to answer; `handle` does not get it. */
  next(): Promise<Call>;
  close(): Promise<void>;
}

/** One request that a test answers. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Resolves when the exchange is over: with true when its answer was written to the end. */
  readonly over: Promise<boolean>;
}

/** A streaming backend on a free port; without a handler, it sends back what comes, as it comes. */
export async function startStreamingBackend(handle: Handle = echoStream): Promise<StreamingBackend> {
  const waiting: Array<(call: Call) => void> = [];
  const server = createServer({ maxHeaderSize: 1_048_576 }, (request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const take = waiting.shift();
    if (!take) {
      backend.handle(request, response);
      return;
    }
    const over = new Promise<boolean>((resolve) => {
      response.once('close', () => resolve(response.writableFinished));
    });
    take({ request, response, over });
  });
  const port = await listen(server);
  const backend: StreamingBackend = {
    url: `http://127.0.0.1:${port}`,
    port,
    handle,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    close: () => closeServer(server),
  };
  return backend;
}

/** Answers with the request's body while it still comes. */
export const echoStream: Handle = (request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
  request.pipe(response);
};
