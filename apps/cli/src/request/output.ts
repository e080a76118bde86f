import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { printableLines } from '@kafka-http-proxy/operate';
import { CommandFailure } from '../operator/exit.js';
import type { Host, Output } from '../operator/host.js';
import { REQUEST_EXIT } from './exit.js';
import type { RequestFlags } from './flags.js';
import type { ResponseSink } from './raw-client.js';

/** Takes what is printed of a response. */
export interface ResponseOutput extends ResponseSink {
  /** Resolves when all of it is written. @throws CommandFailure where it can't be */
  end(): Promise<void>;
}

/** Where the bytes go. */
interface Target {
  write(bytes: Buffer): void | Promise<void>;
  end(): Promise<void>;
}

/**
 * What the options say is printed of a response, where they say: bytes as they came, on a terminal nothing that it
 * would act on.
 *
 * @param refused asked at each head: true where `--fail` keeps the body back
 */
export function createOutput(flags: RequestFlags, host: Host, refused: (status: number) => boolean): ResponseOutput {
  const target = targetOf(flags, host);
  const includes = flags.include || flags.head;
  let silent = false;
  return {
    head(text) {
      silent = refused(Number(text.split(' ', 2)[1]));
      return includes ? target.write(Buffer.from(text, 'latin1')) : undefined;
    },
    body: (chunk) => (silent ? undefined : target.write(chunk)),
    trailers: (text) => (includes && !silent ? target.write(Buffer.from(text, 'latin1')) : undefined),
    end: target.end,
  };
}

function targetOf({ output, json }: RequestFlags, { stdout }: Host): Target {
  if (output !== undefined && output !== '-') return toFile(output);
  if (json) return { write: () => undefined, end: async () => undefined };
  return output === undefined && stdout.isTTY === true ? toTerminal(stdout) : toPipe(stdout);
}

function toPipe(stdout: Output): Target {
  return {
    async write(bytes) {
      // A reader that is slow holds the reply back, up to the backend.
      if (stdout.write(bytes) === false && 'once' in stdout) await drained(stdout as NodeJS.WriteStream);
    },
    end: async () => undefined,
  };
}

function toTerminal(stdout: Output): Target {
  const decoder = new StringDecoder('utf8');
  return {
    write(bytes) {
      if (bytes.includes(0))
        throw new CommandFailure(
          'The body is binary, and a terminal is not for that: -o <file> saves it, -o - prints it all the same.',
          REQUEST_EXIT.notWritten,
        );
      stdout.write(printableLines(decoder.write(bytes).replaceAll('\r\n', '\n')));
    },
    async end() {
      stdout.write(printableLines(decoder.end()));
    },
  };
}

function toFile(path: string): Target {
  const file = createWriteStream(path);
  let failure: Error | null = null;
  file.on('error', (error) => {
    failure = error;
  });
  const check = () => {
    if (failure === null) return;
    throw new CommandFailure(
      `-o: ${JSON.stringify(path)} can't be written: ${failure.message}`,
      REQUEST_EXIT.notWritten,
    );
  };
  return {
    async write(bytes) {
      check();
      if (!file.write(bytes)) await drained(file);
      check();
    },
    async end() {
      if (!file.closed) {
        file.end();
        await once(file, 'close').catch(() => undefined);
      }
      check();
    },
  };
}

/** Resolves when a stream takes more, or never will. */
function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}
