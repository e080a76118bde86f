import type { IncomingMessage, ServerResponse } from 'node:http';
import { BridgeError, type ErrorCode, headBytes, isErrorCode, type ReplyEnvelope } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';
import type { Waiter } from '../waiter.js';
import { writeProblem, writeReply } from './egress.js';
import { type CutReason, writeStream } from './egress-stream.js';
import { dropRest } from './linger.js';
import { queuedBytes, type StallWatch, watchStall } from './stall.js';
import type { UnreadReplies, UnreadReply } from './unread-replies.js';

/** What an answer needs beside its request. */
export interface AnswerOptions {
  readonly method: string;
  /** True when each response should be the last of its connection. */
  readonly closing: () => boolean;
  /** How long a client may take nothing of a stream, ms. */
  readonly idleMs: number;
  readonly clock: Clock;
  readonly unread: UnreadReplies;
  /** The outcome is known: the response's `close` may still be to come. */
  readonly end: (status: number, error?: BridgeError, correlationId?: string, cut?: CutReason) => void;
}

/** The response of one request: whatever comes of it is written here. */
export interface Answer extends Waiter {
  /** From now on the request's body is handed on while the answer may come; `stop` ends that. */
  uploading(stop: () => void): void;
  /** Answers with a problem what has no exchange, or breaks off what has begun. */
  refuse(error: BridgeError, correlationId: string): void;
  /** The response is closed: nothing of it is held any longer. */
  closed(): void;
}

/**
 * The answer to one request.
 *
 * @example
 * const answer = createAnswer(request, response, { method: 'GET', closing, idleMs, clock, unread, end });
 * const running = exchange.start(outbound, destination, address, answer);
 */
export function createAnswer(request: IncomingMessage, response: ServerResponse, options: AnswerOptions): Answer {
  const { method, closing, idleMs, clock, unread, end } = options;
  let held = 0;
  let waiting: (UnreadReply & { readonly stall: StallWatch }) | null = null;
  let stopUpload: (() => void) | null = null;
  let answered = false;

  /** Where the client still sends, the connection is kept until it has, or was given the time to read. */
  const lastly = () => {
    answered = true;
    stopUpload?.();
    if (stopUpload === null || request.complete) return { method, close: closing() };
    return { method, close: true, hold: (finish: () => void) => dropRest(request, finish) };
  };
  /** Watches a reply that its client does not take at once: whole ones wait as streams do. */
  const watchUnread = (reply: ReplyEnvelope, bytes: number) => {
    const { socket } = response;
    if (response.destroyed || (socket !== null && queuedBytes(socket) === 0)) return;
    const cut = () => {
      end(reply.status, brokenOff('client_idle'), reply.correlationId, 'client_idle');
      letGo();
      response.destroy();
    };
    const stall = watchStall(response, { idleMs, clock }, cut);
    stall.waiting(bytes);
    waiting = { stall, stillMs: stall.stillMs, cut };
    unread.add(waiting);
  };
  const letGo = () => {
    if (held > 0) unread.release(held);
    held = 0;
    if (waiting === null) return;
    unread.remove(waiting);
    waiting.stall.stop();
    waiting = null;
  };
  const answer: Answer = {
    uploading(stop) {
      stopUpload = stop;
      // Kafka may refuse the request's record at once.
      if (!answered) return;
      stop();
      dropRest(request);
    },
    reply(reply) {
      const bytes = (reply.body?.length ?? 0) + headBytes(reply.headers);
      if (!unread.reserve(bytes)) {
        answer.fail(new BridgeError('overloaded', NO_ROOM), reply.correlationId);
        return;
      }
      held = bytes;
      end(reply.status);
      try {
        writeReply(response, reply, lastly());
        watchUnread(reply, bytes);
      } catch (cause) {
        answer.fail(unusable(cause), reply.correlationId);
      }
    },
    stream(head, source) {
      try {
        return writeStream(response, head, {
          method,
          close: closing(),
          source,
          idleMs,
          clock,
          unread,
          ended() {
            end(head.status);
            if (stopUpload === null) return;
            stopUpload();
            dropRest(request);
          },
          cut(reason) {
            end(head.status, brokenOff(reason), head.correlationId, reason);
          },
        });
      } catch (cause) {
        source.cancel();
        answer.fail(unusable(cause), head.correlationId);
        return { data: () => undefined, end: () => undefined, failed: () => undefined };
      }
    },
    fail(error, correlationId) {
      end(error.status, error, correlationId);
      writeProblem(response, error, correlationId, lastly());
    },
    refuse(error, correlationId) {
      if (response.headersSent) {
        end(response.statusCode, error, correlationId, error.code);
        response.destroy();
        return;
      }
      end(error.status, error, correlationId);
      if (response.destroyed) return;
      writeProblem(response, error, correlationId, lastly());
      if (stopUpload === null && !request.complete) dropRest(request);
    },
    closed: letGo,
  };
  return answer;
}

const NO_ROOM = 'The replies that wait for their clients already take all memory that there is for them.';

function unusable(cause: unknown): BridgeError {
  return new BridgeError('backend_unreachable', 'The reply is no HTTP response.', { cause });
}

const SENTENCE: Readonly<Record<Exclude<CutReason, ErrorCode>, [code: ErrorCode, sentence: string]>> = {
  gap: ['processing_failed', 'A record of the reply is missing: the response was cut.'],
  overrun: ['processing_failed', 'More of the reply came than was granted: the response was cut.'],
  wrong_length: ['backend_unreachable', 'The reply is not as long as it said: the response was cut.'],
  client_idle: ['client_gone', 'The client took nothing of the reply for stream_idle_timeout: it was cut.'],
};

function brokenOff(reason: CutReason): BridgeError {
  if (isErrorCode(reason)) return new BridgeError(reason, 'The reply broke off: the response was cut.');
  const [code, sentence] = SENTENCE[reason];
  return new BridgeError(code, sentence);
}
