import { hostname } from 'node:os';
import { KafkaSendError, type KafkaSettings, type RecordProducer } from '@kafka-http-proxy/kafka';
import { createViaMarks, type ProcessorConfig, type TopicConfig } from '@kafka-http-proxy/protocol';
import {
  createCloser,
  createFloodGuard,
  createKafkaEvents,
  createManagementApp,
  describeError,
  type FloodGuard,
  type Listening,
  type Logger,
  listen,
  type StartLog,
  topicMatcher,
} from '@kafka-http-proxy/service';
import {
  type Clock,
  createMemoryBudget,
  createPeerWatch,
  type MemoryBudget,
  systemClock,
} from '@kafka-http-proxy/streams';
import type { Registry } from 'prom-client';
import { createTopic, type Topic } from './attempts/topic.js';
import { type BackendPools, createBackendPools } from './backend/backend-pools.js';
import { backlogFor } from './dispatch/backlog.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import { createIntake } from './intake/intake.js';
import { createRequests } from './intake/read-record.js';
import { createRefusalNotes } from './intake/refusal-notes.js';
import { replyTopicRule } from './intake/reply-topics.js';
import { type KafkaClients, type KafkaLink, openKafkaLink, REAL_CLIENTS } from './kafka/link.js';
import { tellMovedOffsets } from './kafka/moved-offsets.js';
import { type HealthProbes, startHealthProbes } from './observe/health-probes.js';
import { createInformant } from './observe/informant.js';
import { createMetrics, type TopicMetrics } from './observe/metrics.js';
import { activeConsumers, lagOf, pauseNotes, status } from './observe/status.js';
import { Assignments } from './partitions/assignment.js';
import { createRebalance } from './partitions/rebalance.js';
import { createPublisher } from './publish/publisher.js';
import { createSessions } from './streams/conversations.js';
import { createExecutions } from './streams/running-requests.js';

export interface ProcessorContext {
  readonly logger: Logger;
  /** For the lines of a start; the logger when left out. */
  readonly startLog?: StartLog;
  readonly registry: Registry;
  /** The Kafka clients; real ones when left out. */
  readonly clients?: KafkaClients;
}

/** A processor at work. */
export interface RunningProcessor {
  /** Null when management_port is 0. */
  readonly managementPort: number | null;
  /** Resolves when all consumers have joined; rejects when that can't come to be. */
  readonly connected: Promise<void>;
  ready(): { ready: boolean; reasons: string[]; notes: string[] };
  /** Takes nothing more, finishes what runs, closes all; within shutdown_grace. */
  stop(): Promise<void>;
}

/** Part of shutdown_grace kept for flushing what was finished last, and for closing, ms. */
const RESERVE_MS = 2_000;
/** Longest that running work may hold a partition that goes to another member, ms. */
const MAX_DRAIN_MS = 30_000;
/** Room beside the body in a record of a stream, bytes. */
const PART_HEADERS_BYTES = 512;

/**
 * Starts a processor. It returns as soon as it is built and its management port listens; it is
 * ready when Kafka is.
 *
 * @throws Error with a sentence, when the management port can't be listened on or a TLS file can't be read
 */
export async function startProcessor(config: ProcessorConfig, context: ProcessorContext): Promise<RunningProcessor> {
  const { logger, startLog = logger, registry } = context;
  const clock = systemClock;
  const graceMs = config.shutdown_grace * 1000;
  const drainMs = Math.max(graceMs - RESERVE_MS, graceMs / 2);
  const closer = createCloser(logger);
  const pools = createBackendPools(config.topics, config.max_concurrent_requests + config.max_streams);
  const assignments = new Assignments();
  let running = true;

  const probes = startHealthProbes({
    topics: config.topics,
    path: config.health_path,
    intervalMs: config.health_check_interval * 1000,
    clock,
    logger,
  });
  const metricsOf = createMetrics(registry, {
    activeConsumers: () => activeConsumers(link),
    inFlight: () => dispatcher.active,
    lag: () => link.consumers().flatMap((consumer) => [...consumer.lag()]),
    breakers: () => [...topics].map(([topic, { breaker }]) => ({ topic, state: breaker.state() })),
    pauses: () => [...topics.keys()].map((topic) => ({ topic, reasons: dispatcher.pausedBy(topic) })),
    streams: () => sessions.size,
    backends: () =>
      config.topics.map(({ request_topic: topic, backend_url: backend }) => ({ topic, backend, up: probes.up(topic) })),
  });
  const budget = createMemoryBudget({
    limitBytes: config.memory_budget,
    maxStreams: config.max_streams,
    streamWindow: config.stream_window,
  });
  const flood = createFloodGuard(logger);
  closer.add('the log', () => flood.flush());
  const topics = createTopics(config, { pools, metricsOf, budget, clock, logger, flood, probes });
  const dispatcher = new Dispatcher({
    lanes: [...topics].map(([name, topic]) => ({
      name,
      bucket: topic.bucket,
      ordered: topic.config.ordering === 'key',
      gate: topic.gate,
    })),
    maxActive: config.max_concurrent_requests,
    share: config.topic_share,
    backlog: backlogFor(config.max_concurrent_requests, budget.wholeBytes),
    counted: (bytes) => budget.force('record', bytes),
    // Replies that Kafka has not taken pile up while it is away, though their calls are over.
    hasRoom: () => budget.held('reply') <= budget.wholeBytes / 2,
    clock,
    onPause(topic, paused) {
      const partitions = assignments.partitionsOf(topic).map((partition) => ({ topic, partition }));
      link.withConsumer(topic, (consumer) => (paused ? consumer.pause(partitions) : consumer.resume(partitions)));
    },
  });
  const rebalance = createRebalance({
    assignments,
    dispatcher,
    clock,
    logger,
    drainMs: Math.min(drainMs, MAX_DRAIN_MS),
    pause: (topic, partitions) => link.withConsumer(topic, (consumer) => consumer.pause(partitions)),
  });
  const executions = createExecutions(() => dispatcher.withdraw(executions.isWithdrawn));
  const watch = createPeerWatch(config.stream_idle_timeout * 1000, clock);
  const producer = lateProducer(() => link.producer());
  const sessions = createSessions({
    inbox: () => link.inbox(),
    executions,
    malformed: metricsOf.malformedInbox,
    maxRecordBytes: config.kafka.max_record_bytes,
    send: (record, settled) => producer.send(record, settled),
    watch,
    budget,
    clock,
    recordBytes: Math.min(config.record_bytes, config.kafka.max_record_bytes - PART_HEADERS_BYTES),
    flushMs: config.stream_flush_ms,
    retryBytes: config.retry_buffer,
    moved: metricsOf.moved,
  });
  const allowsReplyTo = replyTopicRule(config, topicMatcher);
  const informant = createInformant({
    stateOf(topic) {
      const known = topics.get(topic);
      if (known === undefined) return null;
      return {
        reads: true,
        partitions: assignments.partitionsOf(topic).length,
        open: dispatcher.open(topic),
        lag: lagOf(link, topic),
        unhealthy: known.breaker.state() !== 'closed',
      };
    },
    // Of a topic that is not ours we speak where any reply of ours might go.
    allowsReplyTo: (topic, to) => (topic === null ? [...topics.keys()] : [topic]).some((one) => allowsReplyTo(one, to)),
    producer,
    clock,
  });
  const refusals = createRefusalNotes(config.control_topic, clock);
  const requests = createRequests({
    controlTopic: config.control_topic,
    refusals,
    executions,
    sessions,
    topics,
    assignments,
    dispatcher,
    clock,
    allowsReplyTo,
    maxRecordBytes: config.kafka.max_record_bytes,
    budget,
    publish: createPublisher({
      producer,
      clock,
      flood,
      deadLetterTopic: config.dead_letter_topic ?? null,
      maxRecordBytes: config.kafka.max_record_bytes,
      makeTopic: (topic) => link.make(topic),
      store: (topic, partition, offset) =>
        link.withConsumer(topic, (consumer) => consumer.store(topic, partition, offset)),
    }),
  });
  const link: KafkaLink = openKafkaLink({
    config,
    settings: kafkaSettings(config, context),
    logger,
    clients: context.clients ?? REAL_CLIENTS,
    onRecord: createIntake({ assignments, dispatcher, take: requests }),
    instanceId: config.instance_id ?? hostname(),
    // Its own is over when the reply is written; those whose replies wait for Kafka have no more to send.
    inFlight: () => dispatcher.active + 1,
    onMoved: tellMovedOffsets({ logger, skipped: metricsOf.skipped }),
    onInbox: (record) => void (informant(record) || sessions.take(record)),
    onAssigned: rebalance.assigned,
    onRevoked: rebalance.revoked,
    revokeTimeoutMs: Math.min(drainMs, MAX_DRAIN_MS),
  });
  const readiness = () => {
    const reasons = running ? link.troubles() : ['shutting down'];
    const notes = [...link.notes(), ...pauseNotes(topics.keys(), dispatcher), ...refusals.notes()];
    return { ready: reasons.length === 0, reasons, notes };
  };

  let management: Listening | null = null;
  // The last to go: until then /ready and /metrics tell of the drain.
  closer.add('the management server', (leftMs) => management?.close(Math.min(leftMs, 1_000)));
  closer.add('the watch', () => watch.close());
  closer.add('the dispatcher', () => dispatcher.close());
  closer.add('Kafka', (leftMs) => link.close(leftMs));
  // What still runs after the drain is ended, and left to the next owner of its partition.
  closer.add('the backends', () => pools.close());
  // Replies that stream hold no partition. They may end by themselves in what is left.
  closer.add('the streams', (leftMs) => within(Math.max(leftMs - RESERVE_MS, 0), sessions.drained()));
  closer.add('the consumers', () => within(drainMs, link.stopReading()));
  closer.add('the health probes', () => probes.stop());
  const stop = async (): Promise<void> => {
    running = false;
    await closer.close(graceMs);
  };

  try {
    const app = createManagementApp({
      registry,
      ready: readiness,
      onError: (error) => logger.error(`the management server failed: ${describeError(error)}`),
      extra: (routes) =>
        routes.get('/status', (_request, response) => {
          response.json(status({ topics, link, assignments, dispatcher, probes, running: () => running }));
        }),
    });
    if (config.management_port !== 0) {
      management = await listen(app, { host: config.host, port: config.management_port });
    }
    const managementPort = management?.port ?? null;
    link.connected.then(
      () => startLog.info({ topics: [...topics.keys()], managementPort }, 'reading'),
      (error: unknown) => running && logger.error(`cannot work with Kafka: ${describeError(error)}`),
    );
    let stopped: Promise<void> | undefined;
    return { managementPort, connected: link.connected, ready: readiness, stop: () => (stopped ??= stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface TopicTools {
  readonly pools: BackendPools;
  readonly metricsOf: (topic: TopicConfig) => TopicMetrics;
  readonly budget: MemoryBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly flood: FloodGuard;
  readonly probes: Pick<HealthProbes, 'seen'>;
}

function createTopics(
  config: ProcessorConfig,
  { pools, metricsOf, budget, clock, logger, flood, probes }: TopicTools,
): Map<string, Topic> {
  const via = createViaMarks('kafka-processor', config.via);
  return new Map(
    config.topics.map((topic) => {
      const made = createTopic({
        config: topic,
        kafka: config.kafka,
        flushMs: config.stream_flush_ms,
        backend: pools.backendOf(topic),
        metrics: metricsOf(topic),
        budget,
        clock,
        via,
        onAttempt: (answered) => probes.seen(topic.request_topic, answered),
        onCut(correlationId, code, cause) {
          const facts = { correlationId, code, topic: topic.request_topic, cause: describeError(cause) };
          flood.warn(`cut ${code}`, facts, 'a reply was broken off after it had begun');
        },
        onBreaker(state) {
          const facts = { topic: topic.request_topic, backend: topic.backend_url, state };
          if (state === 'open') logger.warn(facts, `the backend fails often: ${HELD_OFF[topic.on_unhealthy]}`);
          else logger.info(facts, `the circuit breaker is ${state.replace('_', ' ')}`);
        },
      });
      return [topic.request_topic, made];
    }),
  );
}

const HELD_OFF: Readonly<Record<TopicConfig['on_unhealthy'], string>> = {
  fail_fast: 'requests are held off from it',
  pause: 'its topic is paused, and requests wait',
};

/** The link's producer, whenever it is there; records come only after it is. */
function lateProducer(current: () => RecordProducer | null): Pick<RecordProducer, 'send'> {
  return {
    send(record, settled) {
      const producer = current();
      if (producer !== null) producer.send(record, settled);
      else queueMicrotask(() => settled(new KafkaSendError('unavailable', 'the producer is not open', -1)));
    },
  };
}

function kafkaSettings(config: ProcessorConfig, { logger, registry }: ProcessorContext): KafkaSettings {
  return {
    bootstrapServers: config.kafka.bootstrap_servers,
    clientId: `kafka-processor-${hostname()}`,
    properties: config.kafka.properties,
    maxRecordBytes: config.kafka.max_record_bytes,
    events: createKafkaEvents({ logger, registry }),
  };
}

/** Waits for `work`, `limitMs` at most. */
async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let cancel = () => {};
  const late = new Promise<void>((resolve) => {
    cancel = systemClock.after(limitMs, resolve);
  });
  await Promise.race([work, late]).finally(cancel);
}
