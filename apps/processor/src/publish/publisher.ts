import type { KafkaSendError, OutgoingRecord, RecordProducer } from '@kafka-http-proxy/kafka';
import {
  BridgeError,
  MAX_METADATA_BYTES,
  metadataBytes,
  STATUS_OF_CODE,
  shownId,
  type WireRecord,
  wireSize,
} from '@kafka-http-proxy/protocol';
import { describeError, type FloodGuard } from '@kafka-http-proxy/service';
import type { Clock } from '@kafka-http-proxy/streams';
import { eitherSent, type Sent } from '../attempts/sent.js';
import { HEAD_TOO_LARGE, tooLarge } from '../attempts/verdict.js';
import { exemplarOf, logFacts, sampledOf, traceIdFor } from '../spans/traced-run.js';
import type { Asker } from './asker.js';
import { deadLetter } from './dead-letter.js';
import { deliverTraced } from './deliver-traced.js';
import { type Delivery, deliver, isPassing } from './delivery.js';
import { type Failed, failed, type Outcome, type Tried } from './outcome.js';
import { answerRecord, errorRecord, type ReplyTimes } from './reply.js';
import { timesOf } from './reply-times.js';
import type { Run, Taken } from './taken.js';

/** Where requests go that failed for good. */
export interface DeadLetters {
  readonly topic: string;
  /** Whether requests that only read go there too. What could not be read always does. */
  readonly keepsReads: boolean;
}

export interface PublisherOptions {
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly clock: Clock;
  /** Writes the line of each failed request, which strangers may have many of. */
  readonly flood: FloodGuard;
  /** Null: failed requests are answered and logged only. */
  readonly deadLetters: () => DeadLetters | null;
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
export type Publish = (run: Run, outcome: Outcome) => Promise<void>;

/**
 * Makes the publisher of all topics.
 *
 * @example
 * const publish = createPublisher({ producer, clock, flood, deadLetters, maxRecordBytes, makeTopic, store });
 * await publish(run, failed('timeout', 'The deadline passed.', 'expired'));
 */
export function createPublisher(options: PublisherOptions): Publish {
  const { clock, maxRecordBytes } = options;

  return async (run, outcome) => {
    if (outcome.kind === 'failed') return fail(run, outcome);
    if (outcome.kind === 'stream') {
      // The client has the head, so the request is answered. A reply that breaks later says so to the client.
      const error = await outcome.stream.started;
      return error === null ? end(run, true) : replyRefused(run, outcome.attempts, error);
    }
    const { asker } = run;
    if (asker === null || run.taken.noReply) return end(run, true);
    // While the topic waits for its backend, what is answered says nothing of how fast the queue moves.
    const tookMs = run.taken.topic.isHeld() ? null : Math.max(0, Math.round(clock.now() - run.takenMs));
    const times = asker.timing ? timesOf(run, tookMs) : { tookMs };
    const room = sampledOf(run.traced) === null ? 0 : CONTEXT_BYTES;
    const reply = encodeAnswer(asker, outcome, maxRecordBytes - room, times);
    if ('kind' in reply) return fail(run, reply);
    const record = recordOf(asker, reply);
    const sent = await sendReply(run, record);
    if (sent === 'acknowledged') return end(run, true);
    const delivery = await orMade(run, record, sent);
    if (delivery === 'acknowledged') return end(run, true);
    if (delivery === 'abandoned') return givenUp(run);
    return replyRefused(run, outcome.attempts, delivery);
  };

  function replyRefused(run: Run, attempts: number, error: KafkaSendError): Promise<void> | void {
    if (error.failure === 'too_large')
      return fail(run, { ...tooLarge('refused'), cause: error, attempts, sent: 'yes' });
    const failure: Failed = {
      kind: 'failed',
      code: 'processing_failed',
      detail: 'The reply could not be written to Kafka.',
      cause: error,
      attempts,
      sent: 'yes',
      noReply: true,
    };
    run.taken.topic.metrics.replyFailed();
    if (!isPassing(error)) return fail(run, failure);
    // Kafka was away until the deadline: the backend has done its part, and nobody waits.
    logFailure(run, failure, error);
    return end(run, false);
  }

  async function fail(run: Run, failure: Failed): Promise<void> {
    const reply = await replyOf(run, failure);
    if (reply === 'abandoned') return givenUp(run);
    // After the reply: the letter says what the client was told.
    const letter = await letterOf(run, failure, reply === 'acknowledged' ? STATUS_OF_CODE[failure.code] : null);
    if (letter === 'abandoned') return givenUp(run);
    if (reply instanceof Error) run.taken.topic.metrics.replyFailed();
    logFailure(run, failure, reply instanceof Error ? reply : letter instanceof Error ? letter : null);
    end(run, false);
  }

  /** Whoever has the partition next carries it out again. */
  function givenUp({ traced }: Run): void {
    if (traced != null) traced.failure = 'processor_lost';
  }

  function replyOf(run: Run, { code, detail, noReply }: Failed): Promise<Delivery> | null {
    if (run.asker === null || run.taken.noReply || noReply) return null;
    const record = recordOf(run.asker, errorRecord(run.asker, code, detail));
    return sendReply(run, record).then((sent) => orMade(run, record, sent));
  }

  function sendReply(run: Run, record: OutgoingRecord): Promise<Delivery> {
    const { taken } = run;
    const persist = (error: KafkaSendError) => isPassing(error) && clock.now() < taken.deadlineMs;
    const sampled = sampledOf(run.traced);
    if (sampled === null) return deliver(record, options, taken.assignment, persist);
    return deliverTraced(sampled, taken, record, options, persist, true);
  }

  /** A reply that found no topic: nobody asked for it before, so it was not made at the start. */
  async function orMade(run: Run, record: OutgoingRecord, sent: Delivery): Promise<Delivery> {
    const isOurs = record.topic === run.taken.topic.config.response_topic;
    const missing = sent instanceof Error && sent.failure === 'unknown_topic' && isOurs;
    return missing && (await options.makeTopic(record.topic)) ? sendReply(run, record) : sent;
  }

  async function letterOf(run: Run, failure: Failed, status: number | null): Promise<Delivery | null> {
    const { taken, traced } = run;
    const deadLetters = options.deadLetters();
    if (deadLetters === null || failure.noDeadLetter || (taken.readsOnly && !deadLetters.keepsReads)) return null;
    const { metrics, config } = taken.topic;
    const message = `${failure.detail} ${describeError(failure.cause)}`;
    let told = false;
    const { code, attempts } = failure;
    const sent = eitherSent(failure.sent, sentBefore(taken));
    const facts = { code, message, attempts, group: config.consumer_group, truncated: taken.truncated, sent, status };
    const letter = deadLetter(deadLetters.topic, taken.record, facts, traceIdFor(traced, taken.trace));
    const persist = (error: KafkaSendError) => {
      // A topic that is missing or closed to us can be put right; a record can't be made smaller.
      if (error.failure === 'too_large') return false;
      if (!told && !isPassing(error)) {
        told = true;
        logRefusedLetter(run, failure, deadLetters.topic, error);
      }
      return true;
    };
    const sampled = sampledOf(traced);
    const delivery = await (sampled === null
      ? deliver(letter, options, taken.assignment, persist)
      : deliverTraced(sampled, taken, letter, options, persist, false));
    if (delivery === 'acknowledged') metrics.deadLettered(failure.code);
    else if (delivery !== 'abandoned') metrics.deadLetterFailed();
    return delivery;
  }

  function end({ taken: { record, topic, assignment, entry }, takenMs, traced }: Run, ok: boolean): void {
    topic.metrics.done(clock.now() - takenMs, ok, exemplarOf(traced));
    const next = assignment.tracker.finish(entry);
    if (next !== null && !assignment.released) options.store(record.topic, record.partition, next);
  }

  /** Somebody has to see to it: until then the offset stands, and in the end the topic. */
  function logRefusedLetter(
    { taken: { correlationId, record }, traced }: Run,
    { code }: Failed,
    deadLetterTopic: string,
    error: KafkaSendError,
  ): void {
    const { topic, partition, offset } = record;
    const id = correlationId && shownId(correlationId);
    const where = { topic, partition, offset, deadLetterTopic };
    const facts = { correlationId: id, code, ...where, cause: describeError(error), ...logFacts(traced) };
    options.flood.error(`unburied ${topic}`, facts, 'a failed request waits: the dead-letter topic does not take it');
  }

  function logFailure({ taken, traced }: Run, failure: Failed, publication: Error | null): void {
    if (traced != null) traced.failure = failure.code;
    // A client that goes away is nobody's failure.
    if (failure.code === 'client_gone' && publication === null) return;
    const { topic, partition, offset } = taken.record;
    options.flood.warn(
      failure.code,
      {
        correlationId: taken.correlationId && shownId(taken.correlationId),
        code: failure.code,
        topic,
        partition,
        offset,
        attempts: failure.attempts,
        ...logFacts(traced),
        cause: describeError(failure.cause),
        ...(publication === null || publication === failure.cause ? {} : { publication: describeError(publication) }),
      },
      failure.detail,
    );
  }
}

/** What the context of a sampled reply takes in its record, bytes. */
const CONTEXT_BYTES = 80;

function recordOf({ address }: Asker, { value, headers }: WireRecord): OutgoingRecord {
  return { topic: address.topic, partition: address.partition, key: null, value, headers, unordered: true };
}

function encodeAnswer(
  asker: Asker,
  outcome: Outcome & { kind: 'answer' },
  maxBytes: number,
  times: ReplyTimes,
): WireRecord | Failed {
  const { head, body, trailers, attempts } = outcome;
  const tried: Tried = { attempts, sent: 'yes' };
  try {
    const record = answerRecord(asker, head, body, trailers, times);
    if (metadataBytes(record) > MAX_METADATA_BYTES) return { ...tooLarge(HEAD_TOO_LARGE), ...tried };
    return wireSize(record) <= maxBytes ? record : { ...tooLarge(`over ${maxBytes} bytes`), ...tried };
  } catch (cause) {
    const known = cause instanceof BridgeError;
    const code = known ? cause.code : 'processing_failed';
    const detail = known ? cause.message : 'The reply could not be encoded.';
    return failed(code, detail, cause, tried);
  }
}

/** What an earlier owner of the partition may have done with a record. */
function sentBefore({ record, assignment }: Taken): Sent {
  return assignment.mayHaveRun(record.timestampMs) ? 'maybe' : 'no';
}
