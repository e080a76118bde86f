import type { EnvelopeFault, ErrorCode, TopicConfig } from '@kafka-http-proxy/protocol';
import { LatencyHistogram } from '@kafka-http-proxy/service';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { BreakerState } from '../attempts/breaker.js';
import type { PauseReason } from '../dispatch/work.js';
import type { StreamDirection } from '../streams/conversation.js';

/** What was wrong with a record that is no usable request. */
export type RecordFault = EnvelopeFault | 'reply_topic' | 'sequence' | 'loop';

/** What is counted of one topic; labels are bound once. */
export interface TopicMetrics {
  /** A record was taken up `queueMs` after it was written; below 0 where the clocks disagree. */
  taken(queueMs: number): void;
  expired(): void;
  poison(fault: RecordFault): void;
  attempted(tookMs: number, ok: boolean): void;
  retried(): void;
  /** A record is done: answered by the backend (`ok`), or not. */
  done(tookMs: number, ok: boolean): void;
  deadLettered(code: ErrorCode): void;
  deadLetterFailed(): void;
  replyFailed(): void;
  /** The client went away, and the request with it. */
  cancelled(): void;
  /** A reply that had begun was broken off. */
  streamCut(code: ErrorCode): void;
}

/** Values that are read when somebody looks. */
export interface ProcessorGauges {
  /** Requests and replies that go on in parts. */
  readonly streams: () => number;
  readonly activeConsumers: () => number;
  readonly inFlight: () => number;
  readonly lag: () => Iterable<{ topic: string; partition: number; lag: number }>;
  readonly breakers: () => Iterable<{ topic: string; state: BreakerState }>;
  readonly pauses: () => Iterable<{ topic: string; reasons: readonly PauseReason[] }>;
  readonly backends: () => Iterable<{ topic: string; backend: string; up: boolean | null }>;
}

/** What is counted of all topics; called, what is counted of one. */
export interface ProcessorMetrics {
  (topic: TopicConfig): TopicMetrics;
  /** A record of the inbox that is no part of anything. */
  malformedInbox(fault: EnvelopeFault): void;
  /** Requests of a topic that Kafka deleted before they were read. */
  skipped(topic: string, count: number): void;
  /** Bytes of bodies that came or went in parts. */
  moved(direction: StreamDirection, bytes: number): void;
}

const BREAKER_VALUES: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

const PAUSE_REASONS: readonly PauseReason[] = ['pressure', 'unhealthy'];

/** Registers the processor's metrics; the first six have 1.0.1's names and labels. Returns those of a topic. */
export function createMetrics(registry: Registry, gauges: ProcessorGauges): ProcessorMetrics {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new LatencyHistogram({ name, help, labelNames, registry });

  const messages = counter('processor_messages_total', 'Records that are done, by how they ended.', [
    'topic',
    'status',
  ]);
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
  registerGauges(registers, gauges);

  const malformed = counter('processor_malformed_inbox_records_total', 'Records of control_topic that are of no use.', [
    'fault',
  ]);
  const skipped = counter('processor_skipped_records_total', 'Requests that retention deleted before they were read.', [
    'topic',
  ]);
  const moved = counter('processor_stream_bytes_total', 'Bytes of bodies that came or went in parts.', ['direction']);
  const bytes = { upload: moved.labels({ direction: 'upload' }), reply: moved.labels({ direction: 'reply' }) };
  for (const one of [bytes.upload, bytes.reply]) one.inc(0);

  const ofTopic = ({ request_topic: topic, backend_url: backend }: TopicConfig): TopicMetrics => {
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
    const unburied = deadLettersFailed.labels({ topic });
    const unread = skipped.labels({ topic });
    // A series that is there from the start makes the first failure a rise.
    for (const one of [success, error, attemptError, skewed, late, retried, lost, gone, unburied, unread]) one.inc(0);
    return {
      taken(queueMs) {
        if (queueMs < 0) skewed.inc();
        queued.observe(Math.max(queueMs, 0) / 1000);
      },
      expired: () => late.inc(),
      poison: (fault) => poison.inc({ topic, fault }),
      attempted(tookMs, ok) {
        attempt.observe(tookMs / 1000);
        if (!ok) attemptError.inc();
      },
      retried: () => retried.inc(),
      done(tookMs, ok) {
        took.observe(tookMs / 1000);
        (ok ? success : error).inc();
      },
      deadLettered: (code) => deadLetters.inc({ topic, code }),
      deadLetterFailed: () => unburied.inc(),
      replyFailed: () => lost.inc(),
      cancelled: () => gone.inc(),
      streamCut: (code) => cut.inc({ topic, code }),
    };
  };
  return Object.assign(ofTopic, {
    skipped: (topic: string, count: number) => skipped.inc({ topic }, count),
    malformedInbox: (fault: EnvelopeFault) => malformed.inc({ fault }),
    moved: (direction: StreamDirection, count: number) => bytes[direction].inc(count),
  });
}

function registerGauges(registers: Registry[], gauges: ProcessorGauges): void {
  new Gauge({
    name: 'processor_streams',
    help: 'Requests whose body or reply goes on in parts.',
    registers,
    collect() {
      this.set(gauges.streams());
    },
  });
  new Gauge({
    name: 'processor_active_consumers',
    help: 'Consumers that have their assignment and read.',
    registers,
    collect() {
      this.set(gauges.activeConsumers());
    },
  });
  new Gauge({
    name: 'processor_messages_in_flight',
    help: 'Records that are being processed, queued ones not included.',
    registers,
    collect() {
      this.set(gauges.inFlight());
    },
  });
  new Gauge({
    name: 'processor_consumer_lag',
    help: 'Records of a partition that were not read yet.',
    labelNames: ['topic', 'partition'],
    registers,
    collect() {
      // Partitions come and go.
      this.reset();
      for (const { topic, partition, lag } of gauges.lag()) this.set({ topic, partition }, lag);
    },
  });
  new Gauge({
    name: 'processor_breaker_state',
    help: 'The circuit breaker of a topic: 0 closed, 1 half open, 2 open.',
    labelNames: ['topic'],
    registers,
    collect() {
      for (const { topic, state } of gauges.breakers()) this.set({ topic }, BREAKER_VALUES[state]);
    },
  });
  new Gauge({
    name: 'processor_paused',
    help: 'Whether nothing more is read of a topic: for too many unfinished requests, or because its backend fails often.',
    labelNames: ['topic', 'reason'],
    registers,
    collect() {
      for (const { topic, reasons } of gauges.pauses()) {
        for (const reason of PAUSE_REASONS) this.set({ topic, reason }, reasons.includes(reason) ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'processor_backend_up',
    help: 'Whether a backend is up: its last health probe was answered below 500, or an attempt since was answered; 0 after three attempts in a row without an answer.',
    labelNames: ['topic', 'backend'],
    registers,
    collect() {
      for (const { topic, backend, up } of gauges.backends()) {
        if (up !== null) this.set({ topic, backend }, up ? 1 : 0);
      }
    },
  });
}
