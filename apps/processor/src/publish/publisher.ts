import type { KafkaSendError, OutgoingRecord, RecordProducer } from '@kafka-http-proxy/kafka';
import {
  BridgeError,
  MAX_METADATA_BYTES,
  metadataBytes,
  shownId,
  type WireRecord,
  wireSize,
} from '@kafka-http-proxy/protocol';
import { describeError, type FloodGuard } from '@kafka-http-proxy/service';
import type { Clock } from '@kafka-http-proxy/streams';
import { HEAD_TOO_LARGE, tooLarge } from '../attempts/attempts.js';
import { deadLetter } from './dead-letter.js';
import { type Delivery, deliver, isPassing } from './delivery.js';
import type { Failed, Job, Outcome } from './outcome.js';
import { type Asker, answerRecord, errorRecord } from './reply.js';

export interface PublisherOptions {
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly clock: Clock;
  /** Writes the line of each failed request, which strangers may have many of. */
  readonly flood: FloodGuard;
  /** Null: failed requests are answered and logged only. */
  readonly deadLetterTopic: string | null;
  /** Largest reply, bytes of value and headers. */
  readonly maxRecordBytes: number;
  /** Makes a response topic that turned out to be missing. False: that can't be done. */
  makeTopic(topic: string): Promise<boolean>;
  /** Stores `offset` as the next one to read. */
  store(topic: string, partition: number, offset: number): void;
}

/**
 * Says what came of a record: the reply, for a failure also the dead letter, then the offset and one
 * line in the log. The offset is only done when Kafka acknowledged what had to be written.
 * Never rejects; work that was revoked meanwhile is left as it is.
 */
export type Publish = (job: Job, outcome: Outcome) => Promise<void>;

export function createPublisher(options: PublisherOptions): Publish {
  const { clock, deadLetterTopic, maxRecordBytes } = options;

  return async (job, outcome) => {
    if (outcome.kind === 'failed') return fail(job, outcome);
    if (outcome.kind === 'stream') {
      // The client has the head, so the request is answered; what may still break is told to the client.
      const error = await outcome.stream.started;
      return error === null ? end(job, true) : replyRefused(job, outcome.attempts, error);
    }
    const { asker } = job;
    if (asker === null) return end(job, true);
    // While the topic waits for its backend, what is answered says nothing of how fast the queue moves.
    const held = (job.topic.gate?.state() ?? 'closed') !== 'closed';
    const tookMs = held ? null : Math.max(0, Math.round(clock.now() - job.takenMs));
    const reply = encodeAnswer(asker, outcome, maxRecordBytes, tookMs);
    if ('kind' in reply) return fail(job, reply);
    const delivery = await sendReply(job, asker, reply);
    if (delivery === 'acknowledged') return end(job, true);
    if (delivery === 'abandoned') return;
    return replyRefused(job, outcome.attempts, delivery);
  };

  function replyRefused(job: Job, attempts: number, error: KafkaSendError): Promise<void> | void {
    if (error.failure === 'too_large') return fail(job, { ...tooLarge('refused'), cause: error, attempts });
    const failure: Failed = {
      kind: 'failed',
      code: 'processing_failed',
      detail: 'The reply could not be written to Kafka.',
      cause: error,
      attempts,
      silent: true,
    };
    job.topic.metrics.replyFailed();
    if (!isPassing(error)) return fail(job, failure);
    // Kafka was away until the deadline: the backend has done its part, and nobody waits.
    logFailure(job, failure, error);
    return end(job, false);
  }

  async function fail(job: Job, failure: Failed): Promise<void> {
    const [reply, letter] = await Promise.all([replyOf(job, failure), failure.unburied ? null : bury(job, failure)]);
    if (reply === 'abandoned' || letter === 'abandoned') return;
    if (reply instanceof Error) job.topic.metrics.replyFailed();
    logFailure(job, failure, reply instanceof Error ? reply : letter instanceof Error ? letter : null);
    end(job, false);
  }

  function replyOf(job: Job, { code, detail, silent }: Failed): Promise<Delivery> | null {
    if (job.asker === null || silent) return null;
    return sendReply(job, job.asker, errorRecord(job.asker, code, detail));
  }

  async function sendReply(job: Job, { address }: Asker, { value, headers }: WireRecord): Promise<Delivery> {
    const record: OutgoingRecord = {
      topic: address.topic,
      partition: address.partition,
      key: null,
      value,
      headers,
      unordered: true,
    };
    const send = () =>
      deliver(record, options, job.assignment, (error) => isPassing(error) && clock.now() < job.deadlineMs);
    const sent = await send();
    // Nobody asked for it before, so it was not made at the start.
    const isOurs = address.topic === job.topic.config.response_topic;
    const missing = sent instanceof Error && sent.failure === 'unknown_topic' && isOurs;
    return missing && (await options.makeTopic(address.topic)) ? send() : sent;
  }

  async function bury(job: Job, failure: Failed): Promise<Delivery | null> {
    if (deadLetterTopic === null) return null;
    const { metrics, config } = job.topic;
    const message = `${failure.detail} ${describeError(failure.cause)}`;
    let told = false;
    const { code, attempts } = failure;
    const facts = { code, message, attempts, group: config.consumer_group, truncated: job.truncated };
    const letter = deadLetter(deadLetterTopic, job.record, facts);
    const delivery = await deliver(letter, options, job.assignment, (error) => {
      // A topic that is missing or closed to us can be put right; a record can't be made smaller.
      if (error.failure === 'too_large') return false;
      if (!told && !isPassing(error)) {
        told = true;
        logUnburied(job, failure, error);
      }
      return true;
    });
    if (delivery === 'acknowledged') metrics.deadLettered(failure.code);
    else if (delivery !== 'abandoned') metrics.deadLetterFailed();
    return delivery;
  }

  function end({ record, topic, assignment, entry, takenMs }: Job, ok: boolean): void {
    topic.metrics.done(clock.now() - takenMs, ok);
    const next = assignment.tracker.finish(entry);
    if (next !== null && !assignment.released) options.store(record.topic, record.partition, next);
  }

  /** Somebody has to see to it: until then the offset stands, and in the end the topic. */
  function logUnburied({ correlationId, record }: Job, { code }: Failed, error: KafkaSendError): void {
    const { topic, partition, offset } = record;
    const id = correlationId && shownId(correlationId);
    const facts = { correlationId: id, code, topic, partition, offset, deadLetterTopic, cause: describeError(error) };
    options.flood.error(`unburied ${topic}`, facts, 'a failed request waits: the dead-letter topic does not take it');
  }

  function logFailure(job: Job, failure: Failed, publication: Error | null): void {
    // A client that goes away is nobody's failure.
    if (failure.code === 'client_gone' && publication === null) return;
    const { topic, partition, offset } = job.record;
    options.flood.warn(
      failure.code,
      {
        correlationId: job.correlationId && shownId(job.correlationId),
        code: failure.code,
        topic,
        partition,
        offset,
        attempts: failure.attempts,
        cause: describeError(failure.cause),
        ...(publication === null || publication === failure.cause ? {} : { publication: describeError(publication) }),
      },
      failure.detail,
    );
  }
}

function encodeAnswer(
  asker: Asker,
  outcome: Outcome & { kind: 'answer' },
  maxBytes: number,
  tookMs: number | null,
): WireRecord | Failed {
  const { head, body, trailers, attempts } = outcome;
  try {
    const record = answerRecord(asker, head, body, trailers, tookMs);
    if (metadataBytes(record) > MAX_METADATA_BYTES) return { ...tooLarge(HEAD_TOO_LARGE), attempts };
    return wireSize(record) <= maxBytes ? record : { ...tooLarge(`over ${maxBytes} bytes`), attempts };
  } catch (cause) {
    const known = cause instanceof BridgeError;
    const code = known ? cause.code : 'processing_failed';
    const detail = known ? cause.message : 'The reply could not be encoded.';
    return { kind: 'failed', code, detail, cause, attempts };
  }
}
