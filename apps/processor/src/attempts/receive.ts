import type { Backend, BackendCall } from '../backend/backend.js';
import { type BackendRequest, isStreamed } from '../backend/backend-request.js';
import type { Cancellation } from '../retry/cancellation.js';
import type { Attempt } from './attempt.js';
import { Gatherer, type GatherOptions } from './gatherer.js';

export interface ReceiveOptions extends GatherOptions {
  /**
   * Longest wait for the whole answer, or until it starts to stream, ms. It starts again with each progress of a
   * request body that comes in parts.
   */
  readonly timeoutMs: number;
  /** Tells when nobody wants the answer any more. */
  readonly cancellation?: Pick<Cancellation, 'onCancel'>;
}

/**
 * Sends a request and gathers the answer, within a size and a time; or until it streams.
 *
 * @param done hears how it ended, once
 */
export function receive(
  backend: Backend,
  request: BackendRequest,
  options: ReceiveOptions,
  done: (attempt: Attempt) => void,
): void {
  new Reception(request, options, done).start(backend);
}

/** One attempt while it runs, with what ends it early. */
class Reception {
  readonly #request: BackendRequest;
  readonly #options: ReceiveOptions;
  readonly #done: (attempt: Attempt) => void;
  readonly #gatherer: Gatherer;
  #call: BackendCall | null = null;
  #cancelTimer: (() => void) | null = null;
  #forget: (() => void) | undefined;

  constructor(request: BackendRequest, options: ReceiveOptions, done: (attempt: Attempt) => void) {
    this.#request = request;
    this.#options = options;
    this.#done = done;
    this.#gatherer = new Gatherer(request.method, options, (attempt) => this.#ended(attempt));
  }

  start(backend: Backend): void {
    const { timeoutMs, cancellation } = this.#options;
    this.#call = backend.send(this.#request, this.#gatherer);
    this.#gatherer.call = this.#call;
    this.#wait(timeoutMs);
    this.#forget = cancellation?.onCancel?.(() => this.#gatherer.settle({ kind: 'cancelled', sent: this.#isSent() }));
  }

  #wait(ms: number): void {
    this.#cancelTimer = this.#options.clock.after(ms, () => this.#late());
  }

  #late(): void {
    const { timeoutMs, clock } = this.#options;
    const { body } = this.#request;
    const streamed = isStreamed(body);
    // An upload that gets on is not late.
    const progressMs = streamed ? body.progressMs : 0;
    const leftMs = progressMs + timeoutMs - clock.now();
    if (progressMs > 0 && leftMs > 0) this.#wait(leftMs);
    else if (!this.#gatherer.cut())
      this.#gatherer.settle({ kind: 'timeout', sent: this.#isSent(), starved: streamed && body.starved });
  }

  #isSent(): boolean {
    return this.#call?.sent ?? false;
  }

  #ended(attempt: Attempt): void {
    this.#cancelTimer?.();
    this.#forget?.();
    if (ENDS_CALL.has(attempt.kind)) this.#call?.abort();
    this.#done(attempt);
  }
}

/** Of these the backend is not to go on. */
const ENDS_CALL: ReadonlySet<Attempt['kind']> = new Set(['timeout', 'too_large', 'no_room', 'cancelled']);
