import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type ReadRequest, readRequests } from './reference.js';

/** Answers a request by bytes; what it writes is its own. */
export type Behaviour = (socket: Socket, request: ReadRequest) => void;

/** A backend that takes no request but by the letter of RFC 9112, and says of each what it saw. */
export interface RecordingBackend {
  readonly url: string;
  /** `GET /target body`, in the order of arrival. */
  readonly seen: string[];
  readonly requests: ReadRequest[];
  /** Bytes that were no request. */
  readonly faults: string[];
  /** Who answers requests whose target has a part of this name, `/hostile/7`; all others are echoed. */
  readonly behaviours: Map<string, Behaviour>;
  close(): Promise<void>;
}

/** How a request stands in {@link RecordingBackend.seen}, and in the answer to it. */
function wordsOf({ method, target, body }: ReadRequest): string {
  return `${method} ${target}${body === '' ? '' : ` ${body}`}`;
}

/** Starts it on a free port of this machine. */
export async function startRecordingBackend(): Promise<RecordingBackend> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // Else a second write waits for the acknowledgement of the first, which comes with the next request.
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const { requests, fault, bytes } = readRequests(text);
      text = text.slice(bytes);
      if (fault !== null) {
        backend.faults.push(fault);
        socket.destroy();
      }
      for (const request of requests) {
        backend.requests.push(request);
        backend.seen.push(wordsOf(request));
        (backend.behaviours.get(request.target) ?? echo)(socket, request);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const backend: RecordingBackend = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: [],
    requests: [],
    faults: [],
    behaviours: new Map(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return backend;
}

const echo: Behaviour = (socket, request) => {
  const words = Buffer.from(wordsOf(request), 'latin1');
  const body = request.method === 'HEAD' ? Buffer.alloc(0) : words;
  socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${words.length}\r\n\r\n`), body]));
};
