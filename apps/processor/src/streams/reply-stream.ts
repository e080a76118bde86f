import type { KafkaSendError } from '@kafka-http-proxy/kafka';
import {
  type ErrorCode,
  encodeContinuationV2,
  encodeReply,
  endToEnd,
  NO_SEQUENCE,
  type WireRecord,
} from '@kafka-http-proxy/protocol';
import { FIRST_WINDOW, type Part, SequenceSender } from '@kafka-http-proxy/streams';
import type { LiveBody } from '../attempts/receive.js';
import type { BackendHead } from '../backend/backend.js';
import type { Session } from './conversation.js';

/** A reply that goes out as its backend makes it. */
export interface ReplyStream {
  readonly head: BackendHead;
  /** Resolves when Kafka has the first record, or with why it has not. */
  readonly started: Promise<KafkaSendError | null>;
  /** Resolves when nothing more is sent: it was whole, broken off, or nobody wants it. */
  readonly ended: Promise<void>;
}

export interface ReplyStreamEvents {
  /** It was broken off by a failure; the client's connection is cut. */
  cut(reason: ErrorCode, cause: unknown): void;
}

/** Sends an answer that has begun on to the proxy, part by part; closes the session at the end. */
export function streamReply(
  session: Session,
  head: BackendHead,
  body: LiveBody,
  events: ReplyStreamEvents,
): ReplyStream {
  const { deps, execution } = session;
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
    session.close();
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
      deps.moved('reply', part.body?.length ?? 0);
      session.write(part.seq === 0 ? headRecord(session, head, part) : partRecord(session, part), (error) => {
        if (part.seq === 0) started(error);
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
  session.sender = sender;
  body.read({
    data: (chunk) => sender.write(chunk),
    end: (trailers) => sender.end(trailers),
    failed({ kind, cause }) {
      const reason = kind === 'closed' ? 'shutting_down' : 'backend_unreachable';
      sender.fail(reason);
      events.cut(reason, cause);
    },
  });
  sender.open();
  forget = execution.onCancel(() => {
    body.abort();
    sender.stop();
    started(null);
    over();
  });
  return stream;
}

function headRecord({ asker, exec, inbox }: Session, head: BackendHead, part: Part): WireRecord {
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

function partRecord({ asker, exec }: Session, { seq, end, error, body, trailers }: Part): WireRecord {
  const sequence = { ...NO_SEQUENCE, seq, end, exec };
  return encodeContinuationV2({ correlationId: asker.correlationId, sequence, error, body, trailers });
}
