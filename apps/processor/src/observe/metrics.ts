import type { EnvelopeFault, TopicConfig } from '@kafka-http-proxy/protocol';
import { LatencyHistogram, RequestCounter, removeSeries } from '@kafka-http-proxy/service';
import type { StreamDirection } from '@kafka-http-proxy/streams';
import { Counter, type Registry } from 'prom-client';
import type { TopicMetrics } from '../attempts/topic-events.js';

/** What is counted of all topics. */
export interface ProcessorMetrics {
  /** What is counted of one topic; its labels are bound once. */
  ofTopic(topic: TopicConfig): TopicMetrics;
  /** A topic is configured no more, or goes to another backend: its series end with it. */
  forget(gone: { readonly topic: string; readonly backend?: string }): void;
  /** A record of the inbox that is no part of anything. */
  readonly malformedInbox: (fault: EnvelopeFault) => void;
  /** Requests of a topic that Kafka deleted before they were read. */
  readonly skipped: (topic: string, count: number) => void;
  /** Bytes of bodies that came or went in parts. */
  readonly moved: (direction: StreamDirection, bytes: number) => void;
}

/**
 * Registers the processor's counters and histograms; the first six have 1.0.1's names and labels.
 *
 * @example
 * const metrics = createMetrics(registry);
 * const ofTopic = metrics.ofTopic(topicConfig);
 * ofTopic.taken(queueMs);
 */
export function createMetrics(registry: Registry): ProcessorMetrics {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new LatencyHistogram({ name, help, labelNames, registry });

  const messages = new RequestCounter({
    name: 'processor_messages_total',
    help: 'Records that are done, by how they ended.',
    labelNames: ['topic', 'status'],
    registry,
  });
  const latency = histogram('processor_latency_seconds', 'Time from taking up a record to its reply being in Kafka.', [
    'topic',
  ]);
  const backendLatency = histogram('processor_backend_latency_seconds', 'Time of one attempt at the backend.', [
    'topic',
    'backend',
  ]);
  const backendErrors = counter('processor_backend_errors_total', 'Attempts that got no usable answer.', [
    'topic',
    'backend',
  ]);
  const expired = counter('processor_expired_total', 'Requests whose deadline had passed when they were taken up.', [
    'topic',
  ]);
  const queueTime = histogram('processor_queue_time_seconds', 'Time from writing a record to taking it up.', ['topic']);
  const skew = counter(
    'processor_clock_skew_total',
    'Records that were written in the future by the clock of this machine.',
    ['topic'],
  );
  const retries = counter('processor_retries_total', 'Attempts after the first.', ['topic']);
  const deadLetters = counter('processor_dead_letters_total', 'Records written to the dead-letter topic.', [
    'topic',
    'code',
  ]);
  const deadLettersFailed = counter(
    'processor_dead_letters_failed_total',
    'Records that the dead-letter topic can not take because of their size.',
    ['topic'],
  );
  const poison = counter('processor_poison_records_total', 'Records that are no usable request, by what is wrong.', [
    'topic',
    'fault',
  ]);
  const repliesFailed = counter('processor_replies_failed_total', 'Replies that could not be written to Kafka.', [
    'topic',
  ]);
  const withdrawn = counter('processor_cancelled_total', 'Requests whose client went away before their answer.', [
    'topic',
  ]);
  const cut = counter('processor_streams_cut_total', 'Replies that were broken off after they had begun, by why.', [
    'topic',
    'code',
  ]);
  const malformed = counter('processor_malformed_inbox_records_total', 'Records of control_topic that are of no use.', [
    'fault',
  ]);
  const skipped = counter('processor_skipped_records_total', 'Requests that retention deleted before they were read.', [
    'topic',
  ]);
  const moved = counter('processor_stream_bytes_total', 'Bytes of bodies that came or went in parts.', ['direction']);
  const bytes = { upload: moved.labels({ direction: 'upload' }), reply: moved.labels({ direction: 'reply' }) };
  for (const one of [bytes.upload, bytes.reply]) one.inc(0);

  const byTopic = [expired, skew, retries, deadLettersFailed, repliesFailed, withdrawn, skipped];
  const byMore = [deadLetters, poison, cut];
  const forget: ProcessorMetrics['forget'] = ({ topic, backend }) => {
    const both = backend === undefined ? { topic } : { topic, backend };
    backendLatency.remove(both);
    void removeSeries(backendErrors, both);
    if (backend !== undefined) return;
    latency.remove({ topic });
    queueTime.remove({ topic });
    void messages.remove({ topic });
    for (const one of [...byTopic, ...byMore]) void removeSeries<string>(one, { topic });
  };

  const ofTopic: ProcessorMetrics['ofTopic'] = ({ request_topic: topic, backend_url: backend }) => {
    const success = messages.labels({ topic, status: 'success' });
    const error = messages.labels({ topic, status: 'error' });
    const took = latency.labels({ topic });
    const attempt = backendLatency.labels({ topic, backend });
    const attemptError = backendErrors.labels({ topic, backend });
    const queued = queueTime.labels({ topic });
    const skewed = skew.labels({ topic });
    const late = expired.labels({ topic });
    const retried = retries.labels({ topic });
    const lost = repliesFailed.labels({ topic });
    const gone = withdrawn.labels({ topic });
    const lettersLost = deadLettersFailed.labels({ topic });
    const unread = skipped.labels({ topic });
    // A series that is there from the start makes the first failure a rise.
    for (const one of [success, error, attemptError, skewed, late, retried, lost, gone, lettersLost, unread])
      one.inc(0);
    return {
      taken(queueMs, traceId) {
        if (queueMs < 0) skewed.inc();
        queued.observe(Math.max(queueMs, 0) / 1000, traceId);
      },
      expired: () => late.inc(),
      poison: (fault) => poison.inc({ topic, fault }),
      attempted(tookMs, ok, traceId) {
        attempt.observe(tookMs / 1000, traceId);
        if (!ok) attemptError.inc();
      },
      retried: () => retried.inc(),
      done(tookMs, ok, traceId) {
        took.observe(tookMs / 1000, traceId);
        (ok ? success : error).inc();
      },
      deadLettered: (code) => deadLetters.inc({ topic, code }),
      deadLetterFailed: () => lettersLost.inc(),
      replyFailed: () => lost.inc(),
      cancelled: () => gone.inc(),
      streamCut: (code) => cut.inc({ topic, code }),
    };
  };
  return {
    ofTopic,
    forget,
    skipped: (topic, count) => skipped.inc({ topic }, count),
    malformedInbox: (fault) => malformed.inc({ fault }),
    moved: (direction, count) => bytes[direction].inc(count),
  };
}
