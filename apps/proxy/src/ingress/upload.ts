import type { IncomingMessage } from 'node:http';
import type { BridgeError } from '@kafka-http-proxy/protocol';
import type { RunningUpload } from '../exchange.js';
import { tooLarge, trailersOf } from './read-body.js';

export interface UploadOptions {
  /** Bytes of the body that went before. */
  readonly readBytes: number;
  /** 0: no limit. */
  readonly maxBytes: number;
  /** The body is over the limit: nothing more of it is taken. */
  readonly refused: (error: BridgeError) => void;
}

/**
 * Hands the rest of a body to its upload as the client sends it, and holds the client back when the
 * upload says so; `request.resume()` lets it go on.
 *
 * @returns stops it: what the client sends then is read and dropped
 */
export function pumpUpload(
  request: IncomingMessage,
  upload: Pick<RunningUpload, 'write' | 'end'>,
  { readBytes, maxBytes, refused }: UploadOptions,
): () => void {
  let bytes = readBytes;
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    if (maxBytes > 0 && bytes > maxBytes) {
      stop();
      refused(tooLarge(maxBytes));
    } else if (!upload.write(chunk)) request.pause();
  };
  const onEnd = () => {
    stop();
    upload.end(trailersOf(request));
  };
  const stop = () => {
    request.off('data', onData);
    request.off('end', onEnd);
    request.resume();
  };
  if (request.readableEnded) upload.end(trailersOf(request));
  else {
    request.on('data', onData);
    request.on('end', onEnd);
    request.resume();
  }
  return stop;
}
