import type { ErrorCode, HeaderList } from '@kafka-http-proxy/protocol';
import {
  type Clock,
  type CreditLease,
  type Part,
  type SequenceFault,
  SequenceReceiver,
} from '@kafka-http-proxy/streams';
import type { BodyReading, BodySink, StreamedBody } from '../backend/request-body.js';

export interface UploadOptions {
  /** What the record of the request held. */
  readonly first: Buffer;
  /** As the client announced it; null: it did not say. */
  readonly length: number | null;
  /** Bytes that are kept so that the body can be sent again. */
  readonly retryBytes: number;
  readonly lease: CreditLease;
  /** Tells the proxy how far it may go. */
  grant(offset: number): void;
  /** The rest will not come: why. */
  broken(reason: ErrorCode | SequenceFault): void;
  readonly clock: Clock;
}

/**
 * A backend that reads slowly is granted for no less often than this, ms: the proxy's deadline goes by
 * what it hears, and half a window may take longer than that.
 */
const SLOW_GRANT_MS = 1000;

/**
 * A request body that comes in parts, as the backend takes them.
 *
 * It is granted credit for what has gone on to the backend, so a backend that does not read stops
 * the client. The beginning is kept while the whole is within `retryBytes`: until then another
 * attempt can be made.
 */
export class Upload implements StreamedBody {
  readonly length: number | null;
  readonly #options: UploadOptions;
  readonly #receiver: SequenceReceiver;
  /** What is kept, from `#base` on. */
  #chunks: Buffer[] = [];
  #base = 0;
  #trailers: HeaderList | null = null;
  #complete = false;
  #broken = false;
  #progressMs = 0;
  #grantedMs = 0;
  /** Bytes that have come. */
  #received = 0;
  /** Absolute offset up to which bytes have gone on, at any attempt. */
  #gone = 0;
  #reading: Reading | null = null;

  constructor(options: UploadOptions) {
    const { first } = options;
    this.#options = options;
    this.length = options.length;
    this.#receiver = new SequenceReceiver({
      firstSeq: 1,
      receivedBytes: 0,
      granted: first.length,
      // From the start, else the first grant, by which the proxy knows where to send, would wait for the backend.
      window: () => options.lease.window(Number.POSITIVE_INFINITY),
      outstanding: options.lease.hold,
      grant: (offset) => {
        this.#grantedMs = options.clock.now();
        options.grant(offset);
      },
      sink: {
        data: (chunk) => this.#add(chunk),
        end: (trailers) => this.#end(trailers),
        failed: (reason) => this.#fail(reason),
      },
    });
    this.#add(first);
  }

  /** The first grant, which also says where the rest is to go. */
  claim(): void {
    this.#receiver.open();
  }

  /** Says the last grant again, as a sign of life. */
  beat(): void {
    this.#receiver.repeat();
  }

  take(part: Part): void {
    this.#receiver.take(part);
  }

  /** True when the whole body has come. */
  get complete(): boolean {
    return this.#complete;
  }

  get progressMs(): number {
    return this.#progressMs;
  }

  get starved(): boolean {
    return !this.#complete && this.#reading !== null && this.#reading.gone >= this.#received;
  }

  get replayable(): boolean {
    return this.#base === 0 && !this.#broken;
  }

  read(sink: BodySink): BodyReading {
    if (!this.replayable) throw new Error('the beginning of the body is not kept any more');
    this.#reading?.stop();
    const reading = new Reading(sink, () => this.#feed());
    this.#reading = reading;
    // Its events come after this returns, as those of a call do.
    queueMicrotask(() => this.#feed());
    return reading;
  }

  /** Takes and hands over nothing more. */
  stop(): void {
    this.#receiver.stop();
    this.#options.lease.end();
    this.#reading?.stop();
    this.#chunks = [];
    this.#broken = true;
  }

  #add(chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.length !== null && this.#received > this.length) {
      // What is behind the length would be another request to the backend.
      this.#fail('overrun');
      return;
    }
    this.#chunks.push(chunk);
    this.#feed();
  }

  #end(trailers: HeaderList | null): void {
    if (this.length !== null && this.#received !== this.length) {
      this.#fail('gap');
      return;
    }
    this.#complete = true;
    this.#trailers = trailers;
    this.#feed();
  }

  #fail(reason: ErrorCode | SequenceFault): void {
    const reading = this.#reading;
    this.stop();
    reading?.sink.broken();
    this.#options.broken(reason);
  }

  #feed(): void {
    const reading = this.#reading;
    while (reading?.ready) {
      const chunk = this.#chunks[reading.index];
      if (chunk === undefined) {
        if (this.#complete) reading.end(this.#trailers);
        return;
      }
      reading.index++;
      reading.offset += chunk.length;
      const upTo = reading.offset;
      reading.give(chunk, () => this.#wentOn(reading, upTo));
      this.#trim(reading);
    }
  }

  #wentOn(reading: Reading, upTo: number): void {
    reading.gone = upTo;
    const now = this.#options.clock.now();
    this.#progressMs = now;
    if (upTo <= this.#gone) return;
    const bytes = upTo - this.#gone;
    this.#gone = upTo;
    this.#receiver.consumed(bytes);
    if (now - this.#grantedMs >= SLOW_GRANT_MS) this.#receiver.open();
  }

  /** Forgets what was handed over, once that is more than is kept for another attempt. */
  #trim(reading: Reading): void {
    if (this.#base === 0 && reading.offset <= this.#options.retryBytes) return;
    const gone = this.#chunks.splice(0, reading.index);
    for (const { length } of gone) this.#base += length;
    reading.index = 0;
  }
}

class Reading implements BodyReading {
  index = 0;
  offset = 0;
  /** Absolute offset up to which bytes have gone on in this reading. */
  gone = 0;
  #held = false;
  #over = false;

  constructor(
    readonly sink: BodySink,
    private readonly feed: () => void,
  ) {}

  get ready(): boolean {
    return !this.#held && !this.#over;
  }

  give(chunk: Buffer, flushed: () => void): void {
    this.#held = !this.sink.data(chunk, flushed);
  }

  end(trailers: HeaderList | null): void {
    this.#over = true;
    this.sink.end(trailers);
  }

  resume(): void {
    this.#held = false;
    this.feed();
  }

  stop(): void {
    this.#over = true;
  }
}
