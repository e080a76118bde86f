import {
  announcedLength,
  type HeaderList,
  headerValue,
  isBodyless,
  MAX_METADATA_BYTES,
} from '@kafka-http-proxy/protocol';
import type { Clock, MemoryBudget } from '@kafka-http-proxy/streams';
import type { BackendCall, BackendFailure, BackendHead, BackendSink } from '../backend/backend.js';
import { inMicrotask } from '../backend/microtask.js';
import type { Attempt, LiveBody, LiveSink, StreamPolicy } from './attempt.js';

/** What is gathered, and how much of it. */
export interface GatherOptions {
  /** Longest body that is taken as a whole, bytes; where it can go out in parts, less what its head takes in a record. */
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  /** What is gathered is counted there, until it is whole or goes out. */
  readonly budget: Pick<MemoryBudget, 'reserve' | 'release'>;
  readonly stream?: StreamPolicy | null | undefined;
  /** True where nobody wants the body: it is read and dropped, so that the backend can end as it would. */
  readonly drop?: boolean | undefined;
}

/**
 * An answer whose length is announced and fits a record gets this long to be whole, ms: it is
 * likely to be a document, of which one record is cheaper than two.
 */
const DOCUMENT_MS = 100;

/** Takes in an answer until it is whole, or until it goes out as it comes. */
export class Gatherer implements BackendSink, LiveBody {
  call: BackendCall | null = null;
  #head: BackendHead | null = null;
  #limit = 0;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Of these bytes, what is reserved. */
  #reserved = 0;
  #settled = false;
  #live: LiveSink | null = null;
  #outcome: ((sink: LiveSink) => void) | null = null;
  #cancelHold: (() => void) | null = null;

  constructor(
    private readonly method: string,
    private readonly options: GatherOptions,
    private readonly done: (attempt: Attempt) => void,
  ) {}

  head(head: BackendHead): void {
    this.#head = head;
    if (this.options.drop) return;
    const bytes = headBytes(head);
    // No proxy would take it.
    if (bytes > MAX_METADATA_BYTES) {
      this.settle({ kind: 'too_large', ofHead: true });
      return;
    }
    if (isBodyless(this.method, head.status)) return;
    const { stream, maxBodyBytes } = this.options;
    // Where it can go out in parts, nothing that is gathered may turn out too long for its record.
    this.#limit = stream ? maxBodyBytes - bytes : maxBodyBytes;
    const announced = announcedLength(head.headers);
    // Known early: nothing of the body need be gathered.
    if (announced !== null && announced > this.#limit) this.#outgrown();
    else if (stream && !stream.hold.has(head.status)) this.#holdFor(announced, head, stream);
  }

  data(chunk: Buffer): boolean {
    if (this.options.drop) return true;
    if (this.#live !== null) return this.#live.data(chunk);
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
    if (this.#settled) return false;
    if (this.#bytes > this.#limit) this.#outgrown();
    else if (this.options.budget.reserve('reply', chunk.length)) this.#reserved += chunk.length;
    else this.#crowded();
    return true;
  }

  end(trailers: HeaderList | null = null): void {
    if (this.#settled) {
      this.#conclude((sink) => sink.end(trailers));
      return;
    }
    const head = this.#head as BackendHead;
    const body = isBodyless(this.method, head.status) ? null : this.#body();
    this.settle({ kind: 'answer', head, body, trailers });
  }

  failed(failure: BackendFailure): void {
    if (this.#settled) this.#conclude((sink) => sink.failed(failure));
    else this.settle({ kind: 'failure', failure });
  }

  settle(attempt: Attempt): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#cancelHold?.();
    // From now on it counts where it goes: with its outcome, or as a stream.
    this.options.budget.release('reply', this.#reserved);
    this.#reserved = 0;
    this.done(attempt);
  }

  /**
   * There is no time left. An answer whose body is dropped has come when its head has, as one that streams has: the
   * backend is stopped, and true returned.
   */
  cut(): boolean {
    const head = this.#head;
    if (!this.options.drop || head === null) return false;
    this.call?.abort();
    this.settle({ kind: 'answer', head, body: null, trailers: null });
    return true;
  }

  read(sink: LiveSink): void {
    const chunks = this.#chunks;
    this.#chunks = [];
    let more = true;
    for (const chunk of chunks) more = sink.data(chunk);
    this.#live = sink;
    if (this.#outcome !== null) this.#outcome(sink);
    else if (more) this.resume();
  }

  resume(): void {
    this.call?.resume();
  }

  abort(): void {
    this.#live = SILENT;
    this.#outcome = null;
    this.call?.abort();
  }

  #holdFor(announced: number | null, head: BackendHead, { flushMs }: StreamPolicy): void {
    const events = headerValue(head.headers, 'content-type')?.toLowerCase().startsWith('text/event-stream') === true;
    const waitMs = announced !== null ? DOCUMENT_MS : flushMs;
    // Who asks for events waits for the head, too.
    if (events) this.#stream();
    // An answer that came in one piece has ended by then, and needs no timer.
    else inMicrotask(() => this.#hold(waitMs));
  }

  #hold(waitMs: number): void {
    if (!this.#settled) this.#cancelHold = this.options.clock.after(waitMs, () => this.#stream());
  }

  #outgrown(): void {
    const head = this.#head as BackendHead;
    if (this.options.stream && headBytes(head) < this.options.maxBodyBytes / 2) this.#stream();
    else this.settle({ kind: 'too_large' });
  }

  /** There is no memory for it: it goes out as it comes, where that can be. */
  #crowded(): void {
    if (this.options.stream) this.#stream();
    else this.settle({ kind: 'no_room' });
  }

  #stream(): void {
    this.settle({ kind: 'stream', head: this.#head as BackendHead, body: this });
  }

  #conclude(outcome: (sink: LiveSink) => void): void {
    if (this.#live !== null) outcome(this.#live);
    else this.#outcome = outcome;
  }

  #body(): Buffer {
    return this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks, this.#bytes);
  }
}

const SILENT: LiveSink = { data: () => true, end: () => undefined, failed: () => undefined };

/** Room that the envelope takes beside the head's own characters, bytes. */
const ENVELOPE_BYTES = 400;

/** About what a head takes in a record: JSON of latin1 characters, each up to two bytes, and quotes. */
function headBytes({ headers }: BackendHead): number {
  let bytes = ENVELOPE_BYTES;
  for (const text of headers) bytes += text.length + 3;
  // Few heads have more than ASCII in them; those that do are small beside a record.
  return bytes < 4096 ? bytes : Buffer.byteLength(JSON.stringify(headers)) + ENVELOPE_BYTES;
}
