import {
  announcedLength,
  type HeaderList,
  headerValue,
  isBodyless,
  MAX_METADATA_BYTES,
} from '@kafka-http-proxy/protocol';
import type { Clock, MemoryBudget } from '@kafka-http-proxy/streams';
import type { Backend, BackendCall, BackendFailure, BackendHead, BackendSink } from '../backend/backend.js';
import { type BackendRequest, isStreamed } from '../backend/backend-request.js';
import { inMicrotask } from '../backend/microtask.js';
import type { Cancellation } from '../retry/cancellation.js';

/** How one attempt at the backend ended, or that its answer has begun to stream. */
export type Attempt =
  | {
      readonly kind: 'answer';
      readonly head: BackendHead;
      readonly body: Buffer | null;
      readonly trailers: HeaderList | null;
    }
  | { readonly kind: 'stream'; readonly head: BackendHead; readonly body: LiveBody }
  | { readonly kind: 'failure'; readonly failure: BackendFailure }
  /** `starved`: it was the client that did not send the rest of its body. */
  | { readonly kind: 'timeout'; readonly sent: boolean; readonly starved: boolean }
  /** There is no memory to gather it in, and it can't go out in parts. */
  | { readonly kind: 'no_room' }
  /** `ofHead`: the head alone is longer than any proxy takes. */
  | { readonly kind: 'too_large'; readonly ofHead?: true }
  | { readonly kind: 'cancelled' };

/** The body of an answer that goes on. What has come is kept until somebody reads it. */
export interface LiveBody {
  /** Hands over what came and what comes; once. `data` returning false holds the backend back. */
  read(sink: LiveSink): void;
  resume(): void;
  /** Ends the call; nothing more is handed over. */
  abort(): void;
}

/** Takes in a {@link LiveBody}. */
export type LiveSink = Pick<BackendSink, 'data' | 'end' | 'failed'>;

/** When an answer that could be whole goes out in parts; null where the asker can't take parts. */
export interface StreamPolicy {
  /** How long an answer of no announced length may take to be whole, ms. */
  readonly flushMs: number;
  /** Statuses that are held until they are whole, since they may lead to another attempt. */
  readonly hold: ReadonlySet<number>;
}

export interface ReceiveOptions {
  /** Longest body that is taken as a whole, bytes; where it can go out in parts, less what its head takes in a record. */
  readonly maxBodyBytes: number;
  /**
   * Longest wait for the whole answer, or until it starts to stream, ms. It starts again with each progress of a
   * request body that comes in parts.
   */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** What is gathered is counted there, until it is whole or goes out. */
  readonly budget: Pick<MemoryBudget, 'reserve' | 'release'>;
  readonly stream?: StreamPolicy | null | undefined;
  /** Tells when nobody wants the answer any more. */
  readonly cancellation?: Pick<Cancellation, 'onCancel'>;
}

/**
 * An answer whose length is announced and fits a record gets this long to be whole, ms: it is
 * likely to be a document, of which one record is cheaper than two.
 */
const DOCUMENT_MS = 100;

/** Sends a request and gathers the answer, within a size and a time; or until it streams. Never rejects. */
export function receive(backend: Backend, request: BackendRequest, options: ReceiveOptions): Promise<Attempt> {
  const { clock, timeoutMs } = options;
  return new Promise((resolve) => {
    const gatherer = new Gatherer(request.method, options, (attempt) => {
      cancelTimer();
      forget?.();
      if (ENDS_CALL.has(attempt.kind)) call.abort();
      resolve(attempt);
    });
    const onTime = () => {
      // An upload that gets on is not late.
      const progressMs = isStreamed(request.body) ? request.body.progressMs : 0;
      const leftMs = progressMs + timeoutMs - clock.now();
      if (progressMs > 0 && leftMs > 0) cancelTimer = clock.after(leftMs, onTime);
      else
        gatherer.settle({
          kind: 'timeout',
          sent: call.sent,
          starved: isStreamed(request.body) && request.body.starved,
        });
    };
    let cancelTimer = clock.after(timeoutMs, onTime);
    const call = backend.send(request, gatherer);
    gatherer.call = call;
    const forget = options.cancellation?.onCancel?.(() => gatherer.settle({ kind: 'cancelled' }));
  });
}

/** Of these the backend is not to go on. */
const ENDS_CALL: ReadonlySet<Attempt['kind']> = new Set(['timeout', 'too_large', 'no_room', 'cancelled']);

class Gatherer implements BackendSink, LiveBody {
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
    private readonly options: ReceiveOptions,
    private readonly done: (attempt: Attempt) => void,
  ) {}

  head(head: BackendHead): void {
    this.#head = head;
    // No proxy would take it.
    if (headBytes(head) > MAX_METADATA_BYTES) {
      this.settle({ kind: 'too_large', ofHead: true });
      return;
    }
    if (isBodyless(this.method, head.status)) return;
    const { stream, maxBodyBytes } = this.options;
    // Where it can go out in parts, nothing that is gathered may turn out too long for its record.
    this.#limit = stream ? maxBodyBytes - headBytes(head) : maxBodyBytes;
    const announced = announcedLength(head.headers);
    // Known early: nothing of the body need be gathered.
    if (announced !== null && announced > this.#limit) this.#outgrown();
    else if (stream && !stream.hold.has(head.status)) this.#holdFor(announced, head, stream);
  }

  data(chunk: Buffer): boolean {
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
    // From now on it counts where it goes: with its job, or as a stream.
    this.options.budget.release('reply', this.#reserved);
    this.#reserved = 0;
    this.done(attempt);
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
