import type { KafkaRecord, RecordProducer } from '@kafka-http-proxy/kafka';
import { createViaMarks, type ProcessorConfig, type ReplyAddress, type TopicConfig } from '@kafka-http-proxy/protocol';
import { type FloodGuard, type Logger, topicMatcher } from '@kafka-http-proxy/service';
import { type Clock, createMemoryBudget, createPeerWatch, type MemoryBudget } from '@kafka-http-proxy/streams';
import type { Topic } from './attempts/topic.js';
import type { TopicEvents } from './attempts/topic-events.js';
import { createTopics } from './attempts/topics.js';
import type { BackendLease } from './backend/backend-pools.js';
import { type Backlog, backlogFor } from './dispatch/backlog.js';
import { Dispatcher } from './dispatch/dispatcher.js';
import type { DispatcherLimits } from './dispatch/options.js';
import { createIntake } from './intake/intake.js';
import { createRecordReader } from './intake/read-record.js';
import { createRefusalNotes, type RefusalNotes } from './intake/refusal-notes.js';
import { type ReplyTopicRule, replyTopicRule } from './intake/reply-topics.js';
import { createInformant } from './observe/informant.js';
import type { ProcessorMetrics } from './observe/metrics.js';
import { topicStates } from './observe/status.js';
import { Assignments } from './partitions/assignment.js';
import { createRebalance, type Rebalance } from './partitions/rebalance.js';
import { createPublisher, type DeadLetters } from './publish/publisher.js';
import type { ProcessorTracing } from './spans/traced-run.js';
import { type Conversations, createConversations } from './streams/conversations.js';
import { createRunningRequests } from './streams/running-requests.js';

/** What the core needs of Kafka. */
export interface CoreKafka {
  readonly send: RecordProducer['send'];
  /** Stores the next offset to read of a partition. */
  store(topic: string, partition: number, offset: number): void;
  pause(topic: string, partitions: readonly number[]): void;
  resume(topic: string, partitions: readonly number[]): void;
  /** Makes a topic that turned out to be missing. False: that can't be done. */
  make(topic: string): Promise<boolean>;
  /** This process's partition of control_topic; undefined until it is read. */
  inbox(): ReplyAddress | undefined;
  /** Records of a topic that were not read yet. */
  lagOf(topic: string): number;
}

export interface CoreDeps {
  readonly config: ProcessorConfig;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info'>;
  /** Writes the line of each failed request. */
  readonly flood: FloodGuard;
  readonly metrics: Pick<ProcessorMetrics, 'ofTopic' | 'forget' | 'malformedInbox' | 'moved'>;
  readonly events: TopicEvents;
  readonly kafka: CoreKafka;
  /** @param connections most of them @throws Error with a sentence when there can be none */
  backendOf(topic: TopicConfig, connections: number): BackendLease;
  /** How long running work may hold a partition that goes to another member, ms. */
  readonly drainMs: () => number;
  /** Null, or left out: tracing is off. */
  readonly spans?: ProcessorTracing | null | undefined;
  /** What a topic may hold; by the configuration when left out. */
  readonly backlog?: Backlog;
}

/** All steps from a record to its outcome, between Kafka and the backends. */
export interface Core {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly assignments: Assignments;
  readonly dispatcher: Dispatcher;
  readonly conversations: Conversations;
  readonly budget: MemoryBudget;
  readonly refusals: RefusalNotes;
  /** What happens when partitions come and go. */
  readonly rebalance: Rebalance;
  /** Takes a record of a request topic, at once. */
  readonly take: (record: KafkaRecord) => void;
  /** Takes a record of a request topic, in its turn: what a consumer hands over. */
  readonly onRecord: (record: KafkaRecord) => void;
  /** Takes a record of this process's inbox. */
  readonly onInbox: (record: KafkaRecord) => void;
  /**
   * Goes by another configuration from now on, in what a reload may change. What waits goes where it leads; what runs
   * goes on as it began.
   *
   * @throws Error with a sentence, when files of `tls` can't be used; then nothing has changed
   */
  change(next: ProcessorConfig): void;
  /** Sets no further timers. */
  close(): void;
}

/** Room beside the body in a record of a stream, bytes. */
const PART_HEADERS_BYTES = 512;

/**
 * Puts the steps together. Nothing runs before the first partition is assigned.
 *
 * @example
 * const core = createCore({ config, clock, logger, flood, metrics, events, kafka, backendOf, drainMs: () => 28_000 });
 * core.rebalance.assigned([{ topic: 'requests', partition: 0 }]);
 * core.onRecord(record);
 */
export function createCore({ config, clock, logger, flood, metrics, events, kafka, ...deps }: CoreDeps): Core {
  const { max_record_bytes: maxRecordBytes } = config.kafka;
  const assignments = new Assignments();
  const budget = createMemoryBudget({
    limitBytes: config.memory_budget,
    maxStreams: config.max_streams,
    streamWindow: config.stream_window,
  });
  const via = createViaMarks('kafka-processor', config.via);
  const bound = createTopics({
    kafka: config.kafka,
    flushMs: config.stream_flush_ms,
    budget,
    clock,
    via,
    events,
    backendOf: deps.backendOf,
    metricsOf: metrics.ofTopic,
    onGone({ request_topic: topic, backend_url: backend }, now) {
      if (now === null) metrics.forget({ topic });
      else if (now.backend_url !== backend) metrics.forget({ topic, backend });
    },
  });
  const topics = bound.all;
  bound.change(config.topics, connectionsOf(config));
  const limitsOf = (now: ProcessorConfig): DispatcherLimits => ({
    lanes: [...topics].map(([name, { bucket, breaker, pauses }]) => {
      return { name, rateLimit: bucket, gate: pauses ? breaker : null };
    }),
    maxActive: now.max_concurrent_requests,
    share: now.topic_share,
    backlog: deps.backlog ?? backlogFor(now.max_concurrent_requests, budget.wholeBytes),
  });
  const dispatcher = new Dispatcher({
    ...limitsOf(config),
    counted: (bytes) => budget.force('record', bytes),
    // Replies that Kafka has not taken pile up while it is away, though their calls are over.
    hasRoom: () => budget.held('reply') <= budget.wholeBytes / 2,
    clock,
    onPause: (topic, paused) => kafka[paused ? 'pause' : 'resume'](topic, assignments.partitionsOf(topic)),
  });
  const { drainMs } = deps;
  const pause = (topic: string, partitions: readonly number[]) => kafka.pause(topic, partitions);
  const rebalance = createRebalance({ assignments, dispatcher, clock, logger, drainMs, pause });
  const running = createRunningRequests((isWithdrawn) => dispatcher.withdraw(isWithdrawn));
  const watch = createPeerWatch(config.stream_idle_timeout * 1000, clock);
  const conversations = createConversations({
    inbox: () => kafka.inbox(),
    running,
    malformed: metrics.malformedInbox,
    maxRecordBytes,
    send: (record, settled) => kafka.send(record, settled),
    watch,
    budget,
    clock,
    recordBytes: Math.min(config.record_bytes, maxRecordBytes - PART_HEADERS_BYTES),
    flushMs: config.stream_flush_ms,
    retryBytes: config.retry_buffer,
    moved: metrics.moved,
  });
  let deadLetters = deadLettersOf(config);
  const publish = createPublisher({
    producer: kafka,
    clock,
    flood,
    deadLetters: () => deadLetters,
    maxRecordBytes,
    makeTopic: (topic) => kafka.make(topic),
    store: (topic, partition, offset) => kafka.store(topic, partition, offset),
  });
  let rule = replyTopicRule(config, topicMatcher);
  const allowsReplyTo: ReplyTopicRule = (requestTopic, replyTopic) => rule(requestTopic, replyTopic);
  const refusals = createRefusalNotes(config.control_topic, clock);
  const rules = { allowsReplyTo, refusals, controlTopic: config.control_topic, maxRecordBytes };
  const tools = { topics, assignments, dispatcher, conversations, running, publish, budget, clock, spans: deps.spans };
  const take = createRecordReader({ ...tools, ...rules });
  const informant = createInformant({
    stateOf: topicStates({ topics, assignments, dispatcher }, (topic) => kafka.lagOf(topic)),
    // Of a topic that is not ours we speak where any reply of ours might go.
    allowsReplyTo: (topic, to) => (topic === null ? [...topics.keys()] : [topic]).some((one) => allowsReplyTo(one, to)),
    producer: kafka,
    clock,
  });

  return {
    topics,
    assignments,
    dispatcher,
    conversations,
    budget,
    refusals,
    rebalance,
    take,
    onRecord: createIntake({ assignments, dispatcher, take }),
    onInbox: (record) => void (informant(record) || conversations.take(record)),
    change(next) {
      bound.change(next.topics, connectionsOf(next));
      dispatcher.change(limitsOf(next));
      rule = replyTopicRule(next, topicMatcher);
      deadLetters = deadLettersOf(next);
      refusals.clear();
    },
    close() {
      watch.close();
      dispatcher.close();
    },
  };
}

/** As many as there can be requests at a backend at once. */
function connectionsOf(config: ProcessorConfig): number {
  return config.max_concurrent_requests + config.max_streams;
}

function deadLettersOf({ dead_letter_topic: topic, dead_letter: which }: ProcessorConfig): DeadLetters | null {
  return topic === undefined ? null : { topic, keepsReads: which === 'all' };
}
