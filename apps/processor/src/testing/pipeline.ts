import { createViaMarks } from '@kafka-http-proxy/protocol';
import { createFloodGuard, topicMatcher } from '@kafka-http-proxy/service';
import { createMemoryBudget, createPeerWatch } from '@kafka-http-proxy/streams';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { Registry } from 'prom-client';
import { type Mock, vi } from 'vitest';
import { createTopic } from '../attempts/topic.js';
import type { Backend, BackendSink } from '../backend/backend.js';
import type { BackendRequest } from '../backend/backend-request.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { createRequests } from '../intake/read-record.js';
import { createRefusalNotes } from '../intake/refusal-notes.js';
import { replyTopicRule } from '../intake/reply-topics.js';
import { createMetrics } from '../observe/metrics.js';
import { Assignments } from '../partitions/assignment.js';
import { createRebalance } from '../partitions/rebalance.js';
import { createPublisher } from '../publish/publisher.js';
import { createSessions } from '../streams/conversations.js';
import { createExecutions } from '../streams/running-requests.js';
import { type Fate, MemoryProducer } from './memory-producer.js';
import { config as makeConfig } from './samples.js';

export type Respond = (request: BackendRequest, sink: BackendSink) => void;

/** Answers 200 with `body`, a moment later. */
export function ok(body = 'fine'): Respond {
  return (_request, sink) =>
    queueMicrotask(() => {
      sink.head({ status: 200, reason: null, headers: ['Content-Type', 'text/plain', 'Connection', 'close'] });
      sink.data(Buffer.from(body));
      sink.end(null);
    });
}

/** Can't be reached, a moment later. */
export const broken: Respond = (_request, sink) =>
  queueMicrotask(() => sink.failed({ kind: 'unreachable', sent: true, cause: new Error('ECONNREFUSED') }));

/** All steps from requests to the publisher, between a backend and a Kafka that are in memory; the clock is turned by hand. */
export function pipeline(options: {
  readonly respond?: Respond;
  readonly fate?: Fate;
  /** False: there is no control topic to read. */
  readonly inbox?: boolean | (() => boolean);
  /** Whether missing response topics can be made. */
  readonly makesTopics?: boolean;
  readonly config?: Parameters<typeof makeConfig>[0];
}) {
  const config = makeConfig({ dead_letter_topic: 'dead', ...options.config });
  const clock = new FakeClock();
  const registry = new Registry();
  const producer = new MemoryProducer(options.fate);
  const assignments = new Assignments();
  const called: BackendRequest[] = [];
  const aborted: Mock = vi.fn();
  const resumed: Mock = vi.fn();
  const cut: Mock = vi.fn();
  const respond = options.respond ?? ok();
  const backend: Backend = {
    send(request, sink) {
      called.push(request);
      respond(request, sink);
      return { sent: true, abort: aborted, resume: resumed };
    },
  };
  const budget = createMemoryBudget({
    limitBytes: config.memory_budget,
    maxStreams: config.max_streams,
    streamWindow: config.stream_window,
  });
  const none = () => [];
  const metricsOf = createMetrics(registry, {
    activeConsumers: () => 0,
    inFlight: () => 0,
    lag: none,
    breakers: none,
    pauses: none,
    backends: none,
    streams: () => sessions.size,
  });
  const topics = new Map(
    config.topics.map((topic) => {
      const via = createViaMarks('kafka-processor', undefined);
      const common = {
        kafka: config.kafka,
        flushMs: 5,
        backend,
        budget,
        clock,
        via,
        onBreaker() {},
        onAttempt() {},
        onCut: cut,
      };
      return [topic.request_topic, createTopic({ config: topic, metrics: metricsOf(topic), ...common })];
    }),
  );
  const pressure: Mock = vi.fn();
  const dispatcher = new Dispatcher({
    lanes: [...topics].map(([name, topic]) => ({
      name,
      bucket: topic.bucket,
      ordered: topic.config.ordering === 'key',
      gate: topic.gate,
    })),
    maxActive: config.max_concurrent_requests,
    share: config.topic_share,
    counted: (bytes) => budget.force('record', bytes),
    backlog: { records: 2 * config.max_concurrent_requests, bytes: 1_000_000, totalBytes: 2_000_000 },
    clock,
    onPause: pressure,
  });
  const logger: Record<'warn' | 'error' | 'info', Mock> = { warn: vi.fn(), error: vi.fn(), info: vi.fn() };
  const stored: number[] = [];
  const made: string[] = [];
  const paused: Mock = vi.fn();
  const rebalance = createRebalance({ assignments, dispatcher, clock, logger, drainMs: 1_000, pause: paused });
  const publish = createPublisher({
    producer,
    clock,
    flood: createFloodGuard(logger, clock.now),
    deadLetterTopic: config.dead_letter_topic ?? null,
    maxRecordBytes: config.kafka.max_record_bytes,
    store: (_topic, _partition, offset) => stored.push(offset),
    makeTopic(topic) {
      made.push(topic);
      return Promise.resolve(options.makesTopics ?? false);
    },
  });
  const { inbox: has = true } = options;
  const hasInbox = typeof has === 'boolean' ? () => has : has;
  const executions = createExecutions(() => dispatcher.withdraw(executions.isWithdrawn));
  const watch = createPeerWatch(config.stream_idle_timeout * 1000, clock);
  const sessions = createSessions({
    inbox: () => (hasInbox() === false ? undefined : { topic: 'khp-control', partition: 2 }),
    executions,
    malformed: metricsOf.malformedInbox,
    maxRecordBytes: config.kafka.max_record_bytes,
    moved: metricsOf.moved,
    send: (record, settled) => producer.send(record, settled),
    watch,
    budget,
    clock,
    recordBytes: config.record_bytes,
    flushMs: 5,
    retryBytes: config.retry_buffer,
  });
  const refusals = createRefusalNotes(config.control_topic, clock);
  const take = createRequests({
    controlTopic: config.control_topic,
    refusals,
    executions,
    sessions,
    topics,
    assignments,
    dispatcher,
    publish,
    clock,
    allowsReplyTo: replyTopicRule(config, topicMatcher),
    maxRecordBytes: config.kafka.max_record_bytes,
    budget,
  });
  const value = async (name: string, labels: Record<string, string> = {}): Promise<number> => {
    const metric = await registry.getSingleMetric(name)?.get();
    const matches = metric?.values.filter((one) =>
      Object.entries(labels).every(([label, text]) => (one.labels as Record<string, unknown>)[label] === text),
    );
    return (matches ?? []).reduce((sum, one) => sum + one.value, 0);
  };
  rebalance.assigned([{ topic: 'requests', partition: 0 }]);
  return {
    take,
    refusals,
    clock,
    producer,
    called,
    aborted,
    resumed,
    cut,
    sessions,
    budget,
    logger,
    stored,
    made,
    rebalance,
    assignments,
    dispatcher,
    pressure,
    paused,
    value,
  };
}
