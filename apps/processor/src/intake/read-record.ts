import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import { decodeRequest, isSafe, oversized } from '@kafka-http-proxy/protocol';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { Assignments } from '../partitions/assignment.js';
import type { Taken } from '../publish/taken.js';
import { Refused } from '../work/refused.js';
import { RequestWork, type WorkTools } from '../work/request-work.js';
import { askerOf, malformed, type Refusal, type RefusalRules, refusalOf } from './refusal.js';

export interface RecordReaderOptions extends WorkTools, RefusalRules {
  readonly assignments: Pick<Assignments, 'get'>;
  readonly dispatcher: Pick<Dispatcher, 'submit' | 'bypass'>;
  readonly conversations: WorkTools['conversations'];
  /** Largest record that is taken, bytes. */
  readonly maxRecordBytes: number;
}

/** A record in its topic and partition. */
type Place = Pick<Taken, 'record' | 'topic' | 'assignment' | 'entry' | 'readsOnly'>;

/**
 * Takes in records as the consumer hands them over: reads each and passes it to the dispatcher.
 * Records of partitions that are no longer ours are left to their new owner. Never throws.
 *
 * @example
 * const take = createRecordReader({ topics, assignments, dispatcher, conversations, running, publish, ...rules });
 * take(record);
 */
export function createRecordReader(options: RecordReaderOptions): (record: KafkaRecord) => void {
  const { topics, assignments, dispatcher, allowsReplyTo, conversations, maxRecordBytes } = options;
  const { clock, publish, running, budget, spans } = options;
  const tools: WorkTools = { topics, clock, publish, running, conversations, budget, spans };

  const refuse = (place: Place, { fault, failure, correlationId, asker }: Refusal, truncated: boolean) => {
    const { record, topic } = place;
    topic.metrics.poison(fault);
    const deadlineMs = record.timestampMs + topic.config.timeout * 1000;
    const taken = { ...place, correlationId, asker, deadlineMs, truncated };
    dispatcher.bypass(record.topic, new Refused(taken, failure, tools));
  };

  return (record) => {
    const topic = topics.get(record.topic);
    const assignment = assignments.get(record.topic, record.partition);
    if (topic === undefined || assignment === undefined) return;
    const entry = assignment.tracker.begin(record.offset);

    // What it says costs far more than its bytes: its size is judged before.
    const large = oversized(record, maxRecordBytes);
    const read = large === null ? decodeRequest(record) : ({ ok: false, error: large } as const);
    if (!read.ok) {
      refuse({ record, topic, assignment, entry }, malformed(record, read.error, topic, allowsReplyTo), false);
      return;
    }
    const request = read.value;
    const readsOnly = isSafe(request.method);
    const asker = askerOf(request, topic);
    const refusal = refusalOf(request, asker, topic, options);
    if (refusal !== null) {
      const told = request.noReply ? { ...refusal, asker: null } : refusal;
      refuse({ record, topic, assignment, entry, readsOnly }, told, request.more);
      return;
    }
    const work = new RequestWork(
      {
        record,
        topic,
        assignment,
        entry,
        correlationId: request.correlationId,
        asker,
        noReply: request.noReply,
        readsOnly,
        deadlineMs: request.deadlineMs ?? record.timestampMs + topic.config.timeout * 1000,
        trace: request.trace,
        truncated: request.more,
        request,
      },
      tools,
    );
    // One that nobody wants any more needs no slot and no turn: it only ends.
    if (running.isWithdrawn(request.correlationId)) dispatcher.bypass(record.topic, work);
    else dispatcher.submit(record.topic, work);
  };
}
