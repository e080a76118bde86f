/*
 * librdkafka 2.15.1's properties that only one kind of client has; all others fit every client.
 * https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md (column C/P)
 */

/** Properties of membership in a group, which a client that assigns by itself does not need. */
export const MEMBERSHIP_ONLY: ReadonlySet<string> = new Set([
  'group.id',
  'group.instance.id',
  'group.protocol',
  'group.protocol.type',
  'group.remote.assignor',
  'heartbeat.interval.ms',
  'max.poll.interval.ms',
  'partition.assignment.strategy',
  'session.timeout.ms',
]);

/** Properties that a producer does not have. */
export const CONSUMER_ONLY: ReadonlySet<string> = new Set([
  ...MEMBERSHIP_ONLY,
  'auto.commit.enable',
  'auto.commit.interval.ms',
  'auto.offset.reset',
  'check.crcs',
  'consume.callback.max.messages',
  'coordinator.query.interval.ms',
  'enable.auto.commit',
  'enable.auto.offset.store',
  'enable.partition.eof',
  'fetch.error.backoff.ms',
  'fetch.max.bytes',
  'fetch.message.max.bytes',
  'fetch.min.bytes',
  'fetch.queue.backoff.ms',
  'fetch.wait.max.ms',
  'isolation.level',
  'max.partition.fetch.bytes',
  'max.poll.records',
  'offset.store.method',
  'offset.store.path',
  'offset.store.sync.interval.ms',
  'queued.max.messages.kbytes',
  'queued.min.messages',
  'share.acknowledgement.mode',
]);

/** Properties that a consumer does not have. */
export const PRODUCER_ONLY: ReadonlySet<string> = new Set([
  'acks',
  'batch.num.messages',
  'batch.size',
  'compression.codec',
  'compression.level',
  'compression.type',
  'delivery.report.only.error',
  'delivery.timeout.ms',
  'enable.gapless.guarantee',
  'enable.idempotence',
  'linger.ms',
  'message.send.max.retries',
  'message.timeout.ms',
  'partitioner',
  'produce.offset.report',
  'queue.buffering.backpressure.threshold',
  'queue.buffering.max.kbytes',
  'queue.buffering.max.messages',
  'queue.buffering.max.ms',
  'queuing.strategy',
  'request.required.acks',
  'request.timeout.ms',
  'retries',
  'sticky.partitioning.linger.ms',
  'transaction.timeout.ms',
  'transactional.id',
]);
