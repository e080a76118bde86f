import type { KafkaSendError, WrittenAt } from '@kafka-http-proxy/kafka';
import {
  type ErrorCode,
  encodeContinuationV2,
  encodeReply,
  endToEnd,
  NO_SEQUENCE,
  type WireRecord,
} from '@kafka-http-proxy/protocol';
import { FIRST_WINDOW, type Part, SequenceSender } from '@kafka-http-proxy/streams';
import type { LiveBody } from '../attempts/attempt.js';
import type { BackendHead } from '../backend/backend.js';
import type { ReplyStream } from '../publish/outcome.js';
import { beginDelivery, contextHeader, endDelivery } from '../spans/send-span.js';
import type { Sampled } from '../spans/traced-run.js';
import type { Conversation } from './conversation.js';

/** Who hears what becomes of a reply on its way. */
export interface ReplyStreamEvents {
  /** It was broken off by a failure; the client's connection is cut. */
  cut(reason: ErrorCode, cause: unknown): void;
}

/** Sends an answer that has begun on to the proxy, part by part; closes the conversation at the end. */
export function streamReply(
  conversation: Conversation,
  head: BackendHead,
  body: LiveBody,
  events: ReplyStreamEvents,
  sampled: Sampled | null = null,
): ReplyStream {
  const { deps, request } = conversation;
  let started: (error: KafkaSendError | null) => void = () => undefined;
  let ended: () => void = () => undefined;
  const stream: ReplyStream = {
    head,
    started: new Promise((resolve) => {
      started = resolve;
    }),
    ended: new Promise((resolve) => {
      ended = resolve;
    }),
  };
  let forget = () => {};
  const over = () => {
    forget();
    conversation.close();
    ended();
  };
  const sender = new SequenceSender({
    firstSeq: 0,
    sentBytes: 0,
    credit: FIRST_WINDOW,
    recordBytes: deps.recordBytes,
    flushMs: deps.flushMs,
    clock: deps.clock,
    maxUnacknowledged: deps.budget.mostOnTheirWay,
    mostKept: deps.budget.mostKept,
    onTheirWay: deps.budget.onTheirWay,
    send(part, settled) {
      const bytes = part.body?.length ?? 0;
      deps.moved('reply', bytes);
      if (sampled !== null) sampled.streamedBytes = (sampled.streamedBytes ?? 0) + bytes;
      if (part.seq !== 0) {
        conversation.write(partRecord(conversation, part), settled);
        return;
      }
      const record = headRecord(conversation, head, part);
      const ended = sampled === null ? null : traceHead(sampled, record, conversation);
      conversation.write(record, (error, at) => {
        ended?.(error, at);
        started(error);
        settled(error);
      });
    },
    drained: () => body.resume(),
    failed(error) {
      body.abort();
      events.cut('kafka_unavailable', error);
      over();
    },
    finished: over,
  });
  conversation.replyBy(sender);
  body.read({
    data(chunk) {
      const more = sender.write(chunk);
      if (!more) sampled?.process.happened('credit_exhausted', sampled.tracing.now());
      return more;
    },
    end: (trailers) => sender.end(trailers),
    failed({ kind, cause }) {
      const reason = kind === 'closed' ? 'shutting_down' : 'backend_unreachable';
      sender.fail(reason);
      events.cut(reason, cause);
    },
  });
  sender.open();
  forget = request.onCancel(() => {
    body.abort();
    sender.stop();
    started(null);
    over();
  });
  return stream;
}

/** The span of a reply's first record; there is none of those behind it. @returns what ends it */
function traceHead(sampled: Sampled, record: WireRecord, { asker }: Conversation) {
  const { topic } = asker.address;
  const span = beginDelivery(sampled, topic);
  (record.headers as Record<string, string>[]).push(contextHeader(sampled, span));
  sampled.process.happened('first_record', sampled.tracing.now());
  const sent = { topic, value: record.value };
  return (error: KafkaSendError | null, at?: WrittenAt) =>
    endDelivery(sampled, span, sent, asker.correlationId, error, at);
}

function headRecord({ asker, exec, inbox }: Conversation, head: BackendHead, part: Part): WireRecord {
  return encodeReply({
    version: asker.version,
    correlationId: asker.correlationId,
    status: head.status,
    reason: head.reason,
    headers: endToEnd(head.headers),
    error: part.error,
    tookMs: null,
    body: part.body,
    trailers: part.trailers,
    sequence: { ...NO_SEQUENCE, seq: 0, end: part.end, exec, inbox },
  });
}

function partRecord({ asker, exec }: Conversation, { seq, end, error, body, trailers }: Part): WireRecord {
  const sequence = { ...NO_SEQUENCE, seq, end, exec };
  return encodeContinuationV2({ correlationId: asker.correlationId, sequence, error, body, trailers });
}
