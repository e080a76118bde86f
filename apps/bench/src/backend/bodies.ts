import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyChunks } from '../payload/body.js';

/** Hashes what comes, and tells. */
export function receiveUpload(request: IncomingMessage, response: ServerResponse): void {
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  request.once('end', () => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ bytes, sha256: hash.digest('hex') }));
  });
}

export interface DownloadState {
  /** Bytes handed to the socket. */
  readonly written: number;
  readonly state: 'open' | 'finished' | 'aborted';
}

/** Sends bodies, and knows how far the latest one got. */
export function createDownloads() {
  let latest = { written: 0, state: 'aborted' as DownloadState['state'] };
  return {
    last: (): DownloadState => latest,
    send(response: ServerResponse, bytes: number): void {
      const one = { written: 0, state: 'open' as DownloadState['state'] };
      latest = one;
      response.once('close', () => {
        one.state = response.writableFinished ? 'finished' : 'aborted';
      });
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes });
      const chunks = bodyChunks(bytes);
      const pump = (): void => {
        for (const chunk of chunksLeft(chunks)) {
          one.written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', pump);
            return;
          }
        }
        response.end();
      };
      pump();
    },
  };
}

/** `for…of` would close a generator that it leaves. */
function* chunksLeft(chunks: Iterator<Buffer>): Generator<Buffer> {
  for (let next = chunks.next(); !next.done; next = chunks.next()) yield next.value;
}
