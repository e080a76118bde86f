import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  BridgeError,
  type ErrorCode,
  type HeaderList,
  headBytes,
  type ReplyEnvelope,
} from '@kafka-http-proxy/protocol';
import type { Clock, SequenceSink } from '@kafka-http-proxy/streams';
import type { ReplySource, Waiter } from '../waiter.js';
import { brokenOff } from './broken-off.js';
import type { AskedFor, Browsers } from './browsers.js';
import { type EgressOptions, writeProblem, writeReply } from './egress.js';
import { type CutReason, writeStream } from './egress-stream.js';
import { dropRest } from './linger.js';
import type { OwnFields, OwnFieldsOf } from './own-fields.js';
import { ownReply } from './own-reply.js';
import { queuedBytes, type StallWatch, watchStall } from './stall.js';
import type { UnreadReplies, UnreadReply } from './unread-replies.js';

/** What all answers are made with. */
export interface AnswerDeps {
  /** True when each response should be the last of its connection. */
  readonly closing: () => boolean;
  /** How long a client may take nothing of a stream, ms. */
  readonly idleMs: number;
  readonly clock: Clock;
  readonly unread: UnreadReplies;
  /** What is said of the request in its answer. */
  readonly own: OwnFieldsOf;
  /** What browsers are told with problems. */
  readonly browsers: Browsers;
}

/** Whose answer it is. */
export interface AnswerOwner {
  /** Since the request's head was there, ms. */
  elapsedMs(): number;
  /** The outcome is known: the response's `close` may still be to come. */
  end(status: number, error?: BridgeError, correlationId?: string, cut?: CutReason): void;
}

/** The response of one request: whatever comes of it is written here. */
export class Answer implements Waiter {
  /** Bytes of body that were written. */
  bytes = 0;
  /** Code of a reply that the processor and not the backend made. */
  code: ErrorCode | null = null;
  /** In Kafka both ways and waiting for its turn, ms; null where that is not known. */
  queueMs: number | null = null;
  /** What the processor took, ms; null where that is not known. */
  backendMs: number | null = null;
  /** Fields that tell of its rate limit; null: it has none. */
  limit: HeaderList | null = null;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #method: string;
  readonly #owner: AnswerOwner;
  readonly #deps: AnswerDeps;
  /** As the processor says it, where it was asked. */
  #inQueueMs: number | null = null;
  #atBackendMs: number | null = null;
  /** What it holds of the budget, bytes. */
  #held = 0;
  #waiting: (UnreadReply & { readonly stall: StallWatch }) | null = null;
  #stopUpload: (() => void) | null = null;
  #answered = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    owner: AnswerOwner,
    deps: AnswerDeps,
  ) {
    this.#request = request;
    this.#response = response;
    this.#method = method;
    this.#owner = owner;
    this.#deps = deps;
  }

  /** Status of the head that was sent; null where none was. */
  get sentStatus(): number | null {
    return this.#response.headersSent ? this.#response.statusCode : null;
  }

  /** From now on the request's body is handed on while the answer may come; `stop` ends that. */
  uploading(stop: () => void): void {
    this.#stopUpload = stop;
    // Kafka may refuse the request's record at once.
    if (!this.#answered) return;
    stop();
    dropRest(this.#request);
  }

  reply(given: ReplyEnvelope, elapsedMs?: number): void {
    const reply = given.error === null ? given : (this.#granted(given.correlationId) ?? given);
    const bytes = (reply.body?.length ?? 0) + headBytes(reply.headers);
    if (!this.#deps.unread.reserve(bytes)) {
      this.fail(new BridgeError('overloaded', NO_ROOM), reply.correlationId);
      return;
    }
    this.#held = bytes;
    this.#owner.end(reply.status, undefined, reply.correlationId);
    this.#took(given, elapsedMs);
    try {
      this.bytes = writeReply(this.#response, reply, this.#lastly(reply.correlationId));
      this.#watchUnread(reply, bytes);
    } catch (cause) {
      this.fail(unusable(cause), reply.correlationId);
    }
  }

  stream(head: ReplyEnvelope, source: ReplySource, elapsedMs?: number): SequenceSink {
    const { closing, idleMs, clock, unread } = this.#deps;
    this.#took(head, elapsedMs);
    try {
      return writeStream(this.#response, head, {
        method: this.#method,
        close: closing(),
        source,
        idleMs,
        clock,
        unread,
        own: this.#own(head.correlationId, this.code !== null),
        wrote: (bytes) => {
          this.bytes += bytes;
        },
        ended: () => {
          this.#owner.end(head.status, undefined, head.correlationId);
          if (this.#stopUpload === null) return;
          this.#stopUpload();
          dropRest(this.#request);
        },
        cut: (reason) => this.#owner.end(head.status, brokenOff(reason), head.correlationId, reason),
      });
    } catch (cause) {
      source.cancel();
      this.fail(unusable(cause), head.correlationId);
      return { data: () => undefined, end: () => undefined, failed: () => undefined };
    }
  }

  fail(error: BridgeError, correlationId: string): void {
    this.#problem(error, correlationId);
  }

  /** Answers with a problem what has no exchange, or breaks off what has begun. */
  refuse(error: BridgeError, correlationId: string): void {
    const response = this.#response;
    if (response.headersSent) {
      this.#owner.end(response.statusCode, error, correlationId, error.code);
      response.destroy();
      return;
    }
    if (response.destroyed) {
      this.#owner.end(error.status, error, correlationId);
      return;
    }
    this.#problem(error, correlationId);
    if (this.#stopUpload === null && !this.#request.complete) dropRest(this.#request);
  }

  /** The response is closed: nothing of it is held any longer. */
  closed(): void {
    const { unread } = this.#deps;
    if (this.#held > 0) unread.release(this.#held);
    this.#held = 0;
    if (this.#waiting === null) return;
    unread.remove(this.#waiting);
    this.#waiting.stall.stop();
    this.#waiting = null;
  }

  #problem(error: BridgeError, correlationId: string): void {
    const granted = this.#granted(correlationId);
    this.#owner.end(granted?.status ?? error.status, error, correlationId);
    const options = this.#lastly(correlationId, true);
    if (granted === null) this.bytes = writeProblem(this.#response, error, correlationId, options);
    else this.bytes = writeReply(this.#response, granted, options);
  }

  /** What takes the place of a problem, where it is of a preflight that is to be granted nevertheless. */
  #granted(correlationId: string): ReplyEnvelope | null {
    return this.#deps.browsers.grants(this.#asked())
      ? ownReply(correlationId, { status: 204, headers: [], body: null })
      : null;
  }

  #asked(): AskedFor {
    const { url = '/', rawHeaders } = this.#request;
    return { method: this.#method, target: url, headers: rawHeaders };
  }

  /** @param isProblem it is no backend that says it */
  #own(correlationId: string, isProblem: boolean): OwnFields {
    const { queueMs } = this;
    const backendMs = this.#atBackendMs ?? this.backendMs;
    const times = { queueMs, inQueueMs: this.#inQueueMs, backendMs, totalMs: this.#owner.elapsedMs() };
    const own = this.#deps.own(this.#request.rawHeaders, correlationId, times);
    if (!isProblem) return this.limit === null ? own : { ...own, limit: this.limit };
    return { ...own, limit: this.limit, browser: this.#deps.browsers.problem(this.#asked()) };
  }

  #took({ tookMs, error, queueMs, backendMs }: ReplyEnvelope, elapsedMs: number | undefined): void {
    this.#inQueueMs = queueMs ?? null;
    this.#atBackendMs = backendMs ?? null;
    this.code = error;
    this.backendMs = tookMs;
    // Clocks of two hosts are not compared: what the processor did not take was Kafka's, or the queue's.
    if (tookMs !== null && elapsedMs !== undefined) this.queueMs = Math.max(0, elapsedMs - tookMs);
  }

  /** Where the client still sends, the connection is kept until it has, or was given the time to read. */
  #lastly(correlationId: string, isProblem = this.code !== null): EgressOptions {
    this.#answered = true;
    this.#stopUpload?.();
    const method = this.#method;
    const own = this.#own(correlationId, isProblem);
    if (this.#stopUpload === null || this.#request.complete) return { method, close: this.#deps.closing(), own };
    return { method, close: true, hold: (finish: () => void) => dropRest(this.#request, finish), own };
  }

  /** Watches a reply that its client does not take at once: whole ones wait as streams do. */
  #watchUnread(reply: ReplyEnvelope, bytes: number): void {
    const response = this.#response;
    const { socket } = response;
    if (response.destroyed || (socket !== null && queuedBytes(socket) === 0)) return;
    const { unread } = this.#deps;
    const cut = () => {
      this.#owner.end(reply.status, brokenOff('client_idle'), reply.correlationId, 'client_idle');
      this.closed();
      response.destroy();
    };
    const stall = watchStall(response, this.#deps, cut);
    stall.waiting(bytes);
    this.#waiting = { stall, stillMs: stall.stillMs, cut };
    unread.add(this.#waiting);
  }
}

const NO_ROOM = 'The replies that wait for their clients already take all memory that there is for them.';

function unusable(cause: unknown): BridgeError {
  return new BridgeError('backend_unreachable', 'The reply is no HTTP response.', { cause });
}
