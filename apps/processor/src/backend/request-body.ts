import type { HeaderList } from '@kafka-http-proxy/protocol';

/** A request body that comes in while it is sent. */
export interface StreamedBody {
  /** Bytes, where the client announced them; null: it does not say. */
  readonly length: number | null;
  /** When bytes last went on to the backend, ms since the epoch; 0 before that. */
  readonly progressMs: number;
  /** True when all that has come has gone on to the backend, and more is to come: it is the client that is waited for. */
  readonly starved: boolean;
  /** True while it can be read from its start (again). */
  readonly replayable: boolean;
  /** Reads it from its start; ends a reading that goes on. @throws Error when it is not {@link replayable} */
  read(sink: BodySink): BodyReading;
}

/** Takes in a {@link StreamedBody}. */
export interface BodySink {
  /** `flushed` is to be called when the bytes are off our hands. False: hold back until {@link BodyReading.resume}. */
  data(chunk: Buffer, flushed: () => void): boolean;
  end(trailers: HeaderList | null): void;
  /** The rest will not come. */
  broken(): void;
}

/** A reading of a {@link StreamedBody} that goes on. */
export interface BodyReading {
  resume(): void;
  /** Hands over nothing more. */
  stop(): void;
}
