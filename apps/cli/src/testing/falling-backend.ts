import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the backend got it. */
export interface Executed {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  /** SHA-256 of the body, hex. */
  readonly digest: string;
  readonly startedMs: number;
  endedMs: number | null;
}

/** A backend that can be gone for a while, and keeps what it ran. */
export interface FallingBackend {
  readonly url: string;
  readonly executed: Executed[];
  /** How it answers; 200 at the start. */
  answer: (request: Executed, response: ServerResponse) => void;
  /** Connections are refused from now on. */
  fall(): Promise<void>;
  /** It is there again, at the same port. */
  rise(): Promise<void>;
  close(): Promise<void>;
}

/** Answers 200 and the target. */
export const well: FallingBackend['answer'] = ({ target }, response) => void response.end(target);

/** Starts one on a free port. */
export async function startFallingBackend(): Promise<FallingBackend> {
  const executed: Executed[] = [];
  const make = () =>
    createServer(async (request, response) => {
      const hash = createHash('sha256');
      try {
        for await (const chunk of request) hash.update(chunk as Buffer);
      } catch {
        return;
      }
      const { method = '', url: target = '', rawHeaders } = request;
      const one = { method, target, rawHeaders, digest: hash.digest('hex'), startedMs: Date.now(), endedMs: null };
      executed.push(one);
      response.once('finish', () => Object.assign(one, { endedMs: Date.now() }));
      backend.answer(one, response);
    });
  let server = make();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fall = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const backend: FallingBackend = {
    url: `http://127.0.0.1:${port}`,
    executed,
    answer: well,
    fall,
    async rise() {
      server = make();
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    },
    close: fall,
  };
  return backend;
}

/** The values of a header, in their order. */
export function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name.toLowerCase());
}
