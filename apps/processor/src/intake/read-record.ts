import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import {
  CORRELATION_HEADER,
  decodeRequest,
  type EnvelopeError,
  hasRecordHeader,
  METADATA_HEADER,
  oversized,
  type RequestEnvelope,
  recordHeader,
} from '@kafka-http-proxy/protocol';
import type { Clock, MemoryBudget } from '@kafka-http-proxy/streams';
import type { Topic } from '../attempts/topic.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { RecordFault } from '../observe/metrics.js';
import type { Assignments } from '../partitions/assignment.js';
import { type Failed, failed } from '../publish/outcome.js';
import type { Publish } from '../publish/publisher.js';
import type { Asker } from '../publish/reply.js';
import type { Sessions } from '../streams/conversations.js';
import type { Executions } from '../streams/running-requests.js';
import { RequestWork, type WorkTools } from '../work/request-work.js';
import type { RefusalNotes } from './refusal-notes.js';
import type { ReplyTopicRule } from './reply-topics.js';

export interface RequestsOptions {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly assignments: Assignments;
  readonly dispatcher: Dispatcher;
  readonly publish: Publish;
  /** Whether a reply may go to a topic. */
  readonly allowsReplyTo: ReplyTopicRule;
  /** Largest record that is taken, bytes. */
  readonly maxRecordBytes: number;
  readonly clock: Clock;
  readonly executions: Executions;
  readonly sessions: Sessions;
  /** This tier's: a body that goes on can't come through another one. */
  readonly controlTopic: string;
  /** Told of requests that are refused because the tiers are not configured alike. */
  readonly refusals: Pick<RefusalNotes, 'replyTopic' | 'controlTopic'>;
  readonly budget: MemoryBudget;
}

/** A record that no backend is to see. */
interface Poison {
  readonly fault: RecordFault;
  readonly failure: Failed;
  readonly correlationId: string | null;
  readonly asker: Asker | null;
}

/**
 * Takes in records as the consumer hands them over: reads each and passes it to the dispatcher.
 * Records of partitions that are no longer ours are left to their new owner. Never throws.
 */
export function createRequests(options: RequestsOptions): (record: KafkaRecord) => void {
  const { topics, assignments, dispatcher, allowsReplyTo, sessions, maxRecordBytes } = options;
  const { clock, publish, executions, budget } = options;
  const tools: WorkTools = { clock, publish, executions, sessions, budget };
  return (record) => {
    const topic = topics.get(record.topic);
    const assignment = assignments.get(record.topic, record.partition);
    if (topic === undefined || assignment === undefined) return;
    const entry = assignment.tracker.begin(record.offset);

    // What it says costs far more than its bytes: its size is judged before.
    const large = oversized(record, maxRecordBytes);
    const read = large === null ? decodeRequest(record) : ({ ok: false, error: large } as const);
    const poison = read.ok ? refusal(read.value, topic, options) : malformed(record, read.error, topic, allowsReplyTo);
    if (!read.ok || poison !== null) {
      const { fault, failure, correlationId, asker } = poison as Poison;
      topic.metrics.poison(fault);
      const deadlineMs = record.timestampMs + topic.config.timeout * 1000;
      const truncated = read.ok && read.value.more;
      const taken = {
        record,
        topic,
        assignment,
        entry,
        truncated,
        request: null,
        failure,
        correlationId,
        asker,
        deadlineMs,
      };
      dispatcher.bypass(record.topic, new RequestWork(taken, tools));
      return;
    }
    const request = read.value;
    const deadlineMs = request.deadlineMs ?? record.timestampMs + topic.config.timeout * 1000;
    const taken = {
      record,
      topic,
      assignment,
      entry,
      truncated: request.more,
      request,
      failure: null,
      correlationId: request.correlationId,
      asker: askerOf(request, topic),
      deadlineMs,
    };
    // Nobody wants it: to be told it needs no slot, and no turn.
    if (executions.isWithdrawn(request.correlationId)) dispatcher.bypass(record.topic, new RequestWork(taken, tools));
    else dispatcher.submit(record.topic, new RequestWork(taken, tools));
  };
}

function askerOf({ version, correlationId, reply }: RequestEnvelope, { config }: Topic): Asker {
  return { version, correlationId, address: reply ?? { topic: config.response_topic, partition: null } };
}

const LOOP = 'The request came back to the processor that had sent it to this backend: backend_url leads round.';

/** Why a request that could be read is not to be sent on; null when it is. */
function refusal(
  request: RequestEnvelope,
  topic: Topic,
  { allowsReplyTo, sessions, controlTopic, refusals }: RequestsOptions,
): Poison | null {
  const { correlationId } = request;
  const asker = askerOf(request, topic);
  if (!allowsReplyTo(topic.config.request_topic, asker.address.topic)) {
    const detail = 'The reply may not go to the topic that the request names.';
    const failure = failed('topic_not_allowed', detail, `reply topic ${asker.address.topic}`);
    refusals.replyTopic(topic.config.request_topic, asker.address.topic);
    return { fault: 'reply_topic', failure, correlationId, asker: null };
  }
  if (topic.wentRound(request)) {
    const failure = { ...failed('loop_detected', LOOP, 'its Via says so'), unburied: true };
    return { fault: 'loop', failure, correlationId, asker };
  }
  const framing = request.more ? framingFault(request) : null;
  if (framing !== null) {
    const detail = 'The request body is not as long as its Content-Length says.';
    return { fault: 'sequence', failure: failed('bad_request', detail, framing), correlationId, asker };
  }
  const theirs = request.more ? (request.control ?? controlTopic) : controlTopic;
  if (theirs !== controlTopic) {
    // The rest would be asked for where the proxy does not look: it would wait for its timeout.
    refusals.controlTopic(topic.config.request_topic, theirs);
    const why = `control_topic: the proxy has ${theirs}, this processor ${controlTopic}`;
    return { fault: 'sequence', failure: failed('processing_failed', OTHER_CONTROL, why), correlationId, asker };
  }
  if (request.more && !sessions.available()) {
    const detail = 'The request body is longer than one record, and the processor cannot use its control_topic.';
    // A client is told that its body is too long only where that will not pass.
    const code = sessions.wasAvailable() ? 'kafka_unavailable' : 'body_too_large';
    return { fault: 'sequence', failure: failed(code, detail, '"more" is set'), correlationId, asker };
  }
  return null;
}

const OTHER_CONTROL =
  'The request body is longer than one record, and proxy and processor are not configured for the same control_topic.';

/**
 * What is wrong with how long a body is said to be that goes on; null when nothing is. Its length is told to the
 * backend before its end is known, and what is behind it there would be another request.
 */
function framingFault({ headers, body }: RequestEnvelope): string | null {
  const lengths = headers.filter((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === 'content-length');
  if (lengths.length === 0) return null;
  const [length = ''] = lengths;
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) return `Content-Length ${lengths.join(', ').slice(0, 40)}`;
  const bytes = body?.length ?? 0;
  return bytes > Number(length) ? `${bytes} bytes of ${length} in the first record` : null;
}

/** A record that could not be read; whoever waits is told where that could be made out. */
function malformed(
  record: KafkaRecord,
  error: EnvelopeError,
  { config }: Topic,
  allowsReplyTo: ReplyTopicRule,
): Poison {
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
