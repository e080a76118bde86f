import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** What the backend says of a body that it received. */
export interface Received {
  readonly bytes: number;
  readonly sha256: string;
}

export interface Upload {
  /** The promise is there where the next chunk has to wait for it. */
  write(chunk: Buffer): Promise<void> | undefined;
  /** @throws {Error} when it was not answered as a whole by 200 */
  end(): Promise<Received>;
}

/** POSTs a body bit by bit, with its length told before, or chunked. */
export function upload(url: string, bytes: number | null): Upload {
  const headers = bytes === null ? {} : { 'Content-Length': bytes };
  const outgoing = request(url, { method: 'POST', headers, agent: false });
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  // It is awaited at the end, or by a write that does not get on.
  answered.catch(() => undefined);
  return {
    write(chunk) {
      if (outgoing.write(chunk)) return undefined;
      // An answer before the end, or an error, ends the waiting too.
      const drained = new Promise<void>((resolve) => outgoing.once('drain', resolve));
      return Promise.race([drained, answered.then(() => undefined)]);
    },
    async end() {
      outgoing.end();
      const [response] = await answered;
      const text = await textOf(response);
      if (response.statusCode !== 200) throw new Error(`POST ${url} was answered ${response.statusCode}: ${text}`);
      return JSON.parse(text) as Received;
    },
  };
}

export async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
