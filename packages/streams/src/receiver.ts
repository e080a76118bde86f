import type { ErrorCode, HeaderList } from '@kafka-http-proxy/protocol';
import type { Part } from './part.js';

/** Why a sequence could not be followed to its end. */
export type SequenceFault =
  /** A record of it is missing. */
  | 'gap'
  /** More came than was granted. */
  | 'overrun';

/** Takes in a body: `data` any number of times, then `end` or `failed`, once. */
export interface SequenceSink {
  data(chunk: Buffer): void;
  end(trailers: HeaderList | null): void;
  /** Broken off: by the sender, with its reason, or because it cannot be followed. */
  failed(reason: ErrorCode | SequenceFault): void;
}

/** What is received, and where its bytes and credit go. */
export interface SequenceReceiverOptions {
  readonly sink: SequenceSink;
  /** Place of the first record that is expected here. */
  readonly firstSeq: number;
  /** Bytes of the body that came before it. */
  readonly receivedBytes: number;
  /** Absolute byte offset that the sender may go to without credit. */
  readonly granted: number;
  /** How far ahead of what was consumed the sender may be, bytes; asked at each grant. */
  window(consumed: number): number;
  /** Gets at each change what is granted and not consumed, and at the end what came and is not consumed, bytes. */
  outstanding?(bytes: number): void;
  /** Tells the sender how far it may go: an absolute byte offset. */
  grant(offset: number): void;
}

/**
 * Puts a sequence of records back together and grants its sender credit as the bytes are consumed,
 * so that what is held here is never more than the window.
 *
 * Records may come twice, when a reader was recreated; they are dropped by their place.
 *
 * @example
 * const receiver = new SequenceReceiver({
 *   sink: { data: (chunk) => response.write(chunk), end: () => response.end(), failed: () => response.destroy() },
 *   firstSeq: 0,
 *   receivedBytes: 0,
 *   granted: FIRST_WINDOW,
 *   window: () => budget.window(),
 *   grant: (offset) => sendCredit(offset),
 * });
 * receiver.take(part);
 * receiver.consumed(part.body?.length ?? 0);
 */
export class SequenceReceiver {
  readonly #options: SequenceReceiverOptions;
  #next: number;
  #received: number;
  #consumed: number;
  #granted: number;
  #over = false;

  constructor(options: SequenceReceiverOptions) {
    this.#options = options;
    this.#next = options.firstSeq;
    this.#received = options.receivedBytes;
    this.#consumed = options.receivedBytes;
    this.#granted = options.granted;
    this.#tell();
  }

  take(part: Part): void {
    if (this.#over || part.seq < this.#next) return;
    const { sink } = this.#options;
    if (part.seq > this.#next) {
      this.#fail('gap');
      return;
    }
    this.#next++;
    const bytes = part.body?.length ?? 0;
    this.#received += bytes;
    if (this.#received > this.#granted) {
      this.#fail('overrun');
      return;
    }
    if (part.body !== null && bytes > 0) sink.data(part.body);
    if (part.error !== null) this.#fail(part.error);
    else if (part.end) {
      this.#over = true;
      this.#tell();
      sink.end(part.trailers);
    }
  }

  /** Bytes have gone on from here: their room is granted again, half a window at a time. */
  consumed(bytes: number): void {
    this.#consumed += bytes;
    this.#tell();
    this.#top(false);
  }

  /** Grants the whole window now: at the start, and when the sender waits. */
  open(): void {
    this.#top(true);
  }

  /** Tells the last grant again: harmless, and a sign of life, also when all has come. */
  repeat(): void {
    this.#options.grant(this.#granted);
  }

  /** Takes nothing more. */
  stop(): void {
    this.#over = true;
    this.#tell();
  }

  /** True when nothing more is taken. */
  get over(): boolean {
    return this.#over;
  }

  #top(now: boolean): void {
    if (this.#over) return;
    const window = this.#options.window(this.#consumed);
    const offset = this.#consumed + window;
    if (offset <= this.#granted) return;
    if (!now && this.#granted - this.#consumed > window / 2) return;
    this.#granted = offset;
    this.#tell();
    this.#options.grant(offset);
  }

  #tell(): void {
    this.#options.outstanding?.((this.#over ? this.#received : this.#granted) - this.#consumed);
  }

  #fail(reason: ErrorCode | SequenceFault): void {
    this.#over = true;
    this.#options.sink.failed(reason);
  }
}
