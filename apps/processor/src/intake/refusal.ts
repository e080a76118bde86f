import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import {
  CORRELATION_HEADER,
  type EnvelopeError,
  hasRecordHeader,
  METADATA_HEADER,
  type RequestEnvelope,
  recordHeader,
} from '@kafka-http-proxy/protocol';
import type { Topic } from '../attempts/topic.js';
import type { RecordFault } from '../attempts/topic-events.js';
import type { Asker } from '../publish/asker.js';
import { type Failed, failed } from '../publish/outcome.js';
import type { Conversations } from '../streams/conversations.js';
import type { RefusalNotes } from './refusal-notes.js';
import type { ReplyTopicRule } from './reply-topics.js';

/** Why no backend is to see a record, and who gets the answer. */
export interface Refusal {
  readonly fault: RecordFault;
  readonly failure: Failed;
  readonly correlationId: string | null;
  /** Null when there is nobody who could be answered. */
  readonly asker: Asker | null;
}

/** What records are judged by. */
export interface RefusalRules {
  /** Whether a reply may go to a topic. */
  readonly allowsReplyTo: ReplyTopicRule;
  readonly conversations: Pick<Conversations, 'available' | 'wasAvailable'>;
  /** This tier's: a body that goes on can't come through another one. */
  readonly controlTopic: string;
  /** Told of requests that are refused because the tiers are not configured alike. */
  readonly refusals: Pick<RefusalNotes, 'replyTopic' | 'controlTopic'>;
}

/** Where the reply to a request goes: where it says, or to its topic's response topic. */
export function askerOf({ version, correlationId, reply, timing }: RequestEnvelope, { config }: Topic): Asker {
  const address = reply ?? { topic: config.response_topic, partition: null };
  return { version, correlationId, address, timing };
}

/** Why a request that could be read is not to be sent on; null when it is. */
export function refusalOf(
  request: RequestEnvelope,
  asker: Asker,
  topic: Topic,
  { allowsReplyTo, conversations, controlTopic, refusals }: RefusalRules,
): Refusal | null {
  const { correlationId } = request;
  const { request_topic: requestTopic } = topic.config;
  if (!allowsReplyTo(requestTopic, asker.address.topic)) {
    const detail = 'The reply may not go to the topic that the request names.';
    const failure = failed('topic_not_allowed', detail, `reply topic ${asker.address.topic}`);
    refusals.replyTopic(requestTopic, asker.address.topic);
    return { fault: 'reply_topic', failure, correlationId, asker: null };
  }
  if (topic.wentRound(request)) {
    const failure = { ...failed('loop_detected', LOOP, 'its Via says so'), noDeadLetter: true };
    return { fault: 'loop', failure, correlationId, asker };
  }
  if (!request.more) return null;
  const framing = framingFault(request);
  if (framing !== null) {
    const detail = 'The request body is not as long as its Content-Length says.';
    return { fault: 'sequence', failure: failed('bad_request', detail, framing), correlationId, asker };
  }
  const theirs = request.control ?? controlTopic;
  if (theirs !== controlTopic) {
    // The rest would be asked for where the proxy does not look: it would wait for its timeout.
    refusals.controlTopic(requestTopic, theirs);
    const why = `control_topic: the proxy has ${theirs}, this processor ${controlTopic}`;
    return { fault: 'sequence', failure: failed('processing_failed', OTHER_CONTROL, why), correlationId, asker };
  }
  if (conversations.available()) return null;
  const detail = 'The request body is longer than one record, and the processor cannot use its control_topic.';
  // "Too long" is final: it is the answer only where the control topic was never there.
  const code = conversations.wasAvailable() ? 'kafka_unavailable' : 'body_too_large';
  return { fault: 'sequence', failure: failed(code, detail, '"more" is set'), correlationId, asker };
}

/** A record that could not be read. Whoever waits gets an answer where the record says who that is. */
export function malformed(
  record: KafkaRecord,
  error: EnvelopeError,
  { config }: Topic,
  allowsReplyTo: ReplyTopicRule,
): Refusal {
  const { correlationId, fault } = error;
  const failure = failed('bad_request', 'The request record could not be read.', error.message);
  // Version 1 has no address in the record: its replies go to the configured topic.
  const version = hasRecordHeader(record.headers, METADATA_HEADER) ? 2 : 1;
  const address = version === 1 ? { topic: config.response_topic, partition: null } : error.reply;
  const reachable = correlationId !== null && address !== null && allowsReplyTo(config.request_topic, address.topic);
  // Of one that is too large nothing more is read.
  const header = fault === 'oversized' ? null : recordHeader(record.headers, CORRELATION_HEADER);
  const known = correlationId ?? header?.slice(0, 128) ?? null;
  return {
    fault,
    failure,
    correlationId: known,
    asker: reachable ? { version, correlationId, address } : null,
  };
}

const LOOP = 'The request came back to the processor that had sent it to this backend: backend_url leads round.';
const OTHER_CONTROL =
  'The request body is longer than one record, and proxy and processor are not configured for the same control_topic.';

/**
 * What is wrong with the announced length of a body that goes on; null when nothing is. The backend gets this length
 * before the body's end is known: a byte more would be another request there.
 */
function framingFault({ headers, body }: RequestEnvelope): string | null {
  const lengths = headers.filter((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === 'content-length');
  if (lengths.length === 0) return null;
  const [length = ''] = lengths;
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) return `Content-Length ${lengths.join(', ').slice(0, 40)}`;
  const bytes = body?.length ?? 0;
  return bytes > Number(length) ? `${bytes} bytes of ${length} in the first record` : null;
}
