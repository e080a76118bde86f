import type { ErrorCode, HeaderList } from '@kafka-http-proxy/protocol';
import type { Clock } from './clock.js';
import { FIRST_WINDOW, type Part } from './part.js';

/** What is sent, how far, and whom the sender calls. */
export interface SequenceSenderOptions {
  /** Writes one record. `settled` is called once, later: with null when Kafka has it. */
  send(part: Part, settled: (error: Error | null) => void): void;
  /** Place of the first record that is sent here: 0 for a reply, 1 behind the record of a request. */
  readonly firstSeq: number;
  /** Bytes of the body that went before, in the record of a request. */
  readonly sentBytes: number;
  /** Absolute byte offset up to which may be sent without credit. */
  readonly credit: number;
  /** Most bytes of body in a record. */
  readonly recordBytes: number;
  /** Longest that bytes wait for more to share their record, ms. */
  readonly flushMs: number;
  /** Most bytes that may be on their way to Kafka, unacknowledged; asked each time. */
  maxUnacknowledged(): number;
  /** Most bytes that are kept while they may not leave, where that is less than a record; asked each time. */
  mostKept?(): number;
  /** Bytes that were handed to Kafka, or (negative) that it has, or will not take. */
  onTheirWay?(change: number): void;
  readonly clock: Clock;
  /** `write` returned false, and there is room again. */
  drained(): void;
  /** Kafka did not take a record: nothing more is sent. */
  failed(error: Error): void;
  /** Kafka has the last record. */
  finished(): void;
}

/**
 * The least that is worth a record while credit is short. Well below half of the smallest window: a
 * receiver that has consumed all it got grants more before the sender has less room than this.
 */
const LEAST_BYTES = FIRST_WINDOW / 4;

/**
 * Records of full size that may be unacknowledged. With five in flight to a partition, which is all that
 * idempotence allows, and more queued, librdkafka's thread polls without a pause (seen by strace; 42-46 %
 * of the sender's CPU in `bench:streams -- bodies`).
 */
const MAX_RECORDS_ON_THEIR_WAY = 4;

/**
 * Sends a body as a sequence of records, no further than the receiver has granted.
 *
 * The first bytes after a pause leave at once; what follows within `flushMs` shares a record, up to
 * `recordBytes`. Bytes that may not leave are kept here, and `write` says to hold back when that is
 * a record's worth.
 *
 * @example
 * const sender = new SequenceSender({
 *   send: (part, settled) => producer.send(recordOf(part), settled),
 *   firstSeq: 0,
 *   sentBytes: 0,
 *   credit: FIRST_WINDOW,
 *   recordBytes: 262_144,
 *   flushMs: 20,
 *   maxUnacknowledged: () => budget.mostOnTheirWay(),
 *   clock: systemClock,
 *   drained: () => source.resume(),
 *   failed: (error) => source.destroy(error),
 *   finished: () => undefined,
 * });
 * source.on('data', (chunk: Buffer) => void (sender.write(chunk) || source.pause()));
 * source.on('end', () => sender.end());
 */
export class SequenceSender {
  readonly #options: SequenceSenderOptions;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #seq: number;
  #sent: number;
  #credit: number;
  #unacknowledged = 0;
  #flushedMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | null = null;
  #planned = false;
  #held = false;
  #opened: boolean;
  #trailers: HeaderList | null = null;
  #state: 'open' | 'ending' | 'over' = 'open';

  constructor(options: SequenceSenderOptions) {
    this.#options = options;
    this.#seq = options.firstSeq;
    this.#sent = options.sentBytes;
    this.#credit = options.credit;
    this.#opened = options.firstSeq > 0;
  }

  /** Sends the first record even if there is nothing to put in it: a reply's head must not wait for its body. */
  open(): void {
    if (!this.#opened && this.#state === 'open') this.#emit(Math.min(this.#bytes, this.#room()), false);
  }

  /** Takes bytes. False: hold back until `drained`. */
  write(chunk: Buffer): boolean {
    if (this.#state !== 'open') return true;
    if (chunk.length > 0) {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      this.#plan();
    }
    if (this.#bytes >= this.#full()) this.#held = true;
    return !this.#held;
  }

  /** No more bytes come. */
  end(trailers: HeaderList | null = null): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#trailers = trailers;
    this.#plan();
  }

  /** Breaks the body off: what has not left never will. The receiver gets the reason. */
  fail(error: ErrorCode): void {
    if (this.#state === 'over') return;
    this.stop();
    this.#send({ seq: this.#seq++, end: true, error, body: null, trailers: null });
  }

  /** Sends nothing more, not even the end. */
  stop(): void {
    this.#state = 'over';
    this.#chunks = [];
    this.#bytes = 0;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  /** The receiver takes bytes up to this absolute offset; an older grant changes nothing. */
  grant(offset: number): void {
    if (offset <= this.#credit) return;
    this.#credit = offset;
    this.#pump();
  }

  /** True when all that was written has left, and there is credit for more. */
  get starved(): boolean {
    return this.#state === 'open' && this.#bytes === 0 && this.#credit > this.#sent;
  }

  /** Once in this turn of the event loop is enough: the end may come right behind the last bytes. */
  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#state === 'over') return;
    const { recordBytes, flushMs, clock } = this.#options;
    for (;;) {
      const room = this.#room();
      if (this.#state === 'ending' && this.#bytes <= Math.min(recordBytes, room)) {
        this.#emit(this.#bytes, true);
        this.stop();
        return;
      }
      if (this.#bytes === 0 || room < Math.min(this.#bytes, recordBytes / 4, LEAST_BYTES)) return;
      const waitMs = this.#flushedMs + flushMs - clock.now();
      // What is held back brings nothing more to wait for.
      if (this.#bytes < recordBytes && !this.#held && this.#state === 'open' && waitMs > 0) {
        this.#cancelTimer ??= clock.after(waitMs, () => {
          this.#cancelTimer = null;
          this.#pump();
        });
        return;
      }
      this.#emit(Math.min(this.#bytes, recordBytes, room), false);
    }
  }

  #emit(length: number, end: boolean): void {
    const body = this.#take(length);
    this.#opened = true;
    this.#flushedMs = this.#options.clock.now();
    this.#sent += length;
    this.#send({ seq: this.#seq++, end, error: null, body, trailers: end ? this.#trailers : null });
    if (this.#held && this.#state === 'open' && this.#bytes < this.#full()) {
      this.#held = false;
      this.#options.drained();
    }
  }

  #send(part: Part): void {
    const bytes = part.body?.length ?? 0;
    this.#unacknowledged += bytes;
    this.#options.onTheirWay?.(bytes);
    this.#options.send(part, (error) => {
      this.#unacknowledged -= bytes;
      this.#options.onTheirWay?.(-bytes);
      if (error !== null) {
        this.stop();
        this.#options.failed(error);
      } else if (part.end) this.#options.finished();
      else this.#pump();
    });
  }

  /** From so many bytes on, no more are taken. */
  #full(): number {
    const { recordBytes, mostKept } = this.#options;
    return mostKept === undefined ? recordBytes : Math.min(recordBytes, Math.max(LEAST_BYTES, mostKept()));
  }

  #room(): number {
    const { maxUnacknowledged, recordBytes } = this.#options;
    const onTheirWay = Math.min(maxUnacknowledged(), MAX_RECORDS_ON_THEIR_WAY * recordBytes);
    return Math.max(0, Math.min(this.#credit - this.#sent, onTheirWay - this.#unacknowledged));
  }

  #take(length: number): Buffer | null {
    if (length === 0) return null;
    const taken: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const chunk = this.#chunks.shift() as Buffer;
      if (chunk.length > missing) {
        taken.push(chunk.subarray(0, missing));
        this.#chunks.unshift(chunk.subarray(missing));
        missing = 0;
      } else {
        taken.push(chunk);
        missing -= chunk.length;
      }
    }
    this.#bytes -= length;
    return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken, length);
  }
}
