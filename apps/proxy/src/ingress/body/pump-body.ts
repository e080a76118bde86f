import type { IncomingMessage } from 'node:http';
import type { BridgeError, HeaderList } from '@kafka-http-proxy/protocol';
import type { RunningUpload } from '../../exchange/exchange.js';
import type { Paces } from './body-pace.js';
import { hasTooManyTrailers, tooLarge, tooManyTrailers, tooSlow, trailersOf } from './read-body.js';

/** How the rest of a body is handed on. */
export interface PumpOptions {
  /** Bytes of the body that went before. */
  readonly readBytes: number;
  /** 0: no limit. */
  readonly maxBytes: number;
  readonly paces: Pick<Paces, 'watch'>;
  /** Of the fields behind the body, those that may go on. */
  readonly passing?: (trailers: HeaderList | null) => HeaderList | null;
  /** The body is over the limit, or comes too slowly: nothing more of it is taken. */
  readonly refused: (error: BridgeError) => void;
}

/** The rest of a body on its way to its upload. */
export interface UploadPump {
  /** The upload takes more again. */
  goOn(): void;
  /** Ends it: what the client sends then is read and dropped. */
  stop(): void;
}

/** Hands the rest of a body to its upload as the client sends it, and holds the client back when the upload says so. */
export function pumpUpload(
  request: IncomingMessage,
  upload: Pick<RunningUpload, 'write' | 'end'>,
  { readBytes, maxBytes, paces, passing = (trailers) => trailers, refused }: PumpOptions,
): UploadPump {
  let bytes = readBytes;
  const refuse = (error: BridgeError) => {
    stop();
    refused(error);
  };
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    pace.took(chunk.length);
    if (maxBytes > 0 && bytes > maxBytes) refuse(tooLarge(maxBytes));
    else if (!upload.write(chunk)) {
      request.pause();
      pace.hold();
    }
  };
  const onEnd = () => {
    if (hasTooManyTrailers(request)) {
      refuse(tooManyTrailers());
      return;
    }
    stop();
    upload.end(passing(trailersOf(request)));
  };
  const onClose = () => pace.stop();
  const stop = () => {
    pace.stop();
    request.off('data', onData);
    request.off('end', onEnd);
    request.off('close', onClose);
    request.resume();
  };
  const pace = paces.watch(() => refuse(tooSlow()), null);
  if (request.readableEnded) onEnd();
  else {
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('close', onClose);
    request.resume();
  }
  return {
    goOn() {
      pace.goOn();
      request.resume();
    },
    stop,
  };
}
