import { CODE, clientError, errorCode } from '../client/errors.js';
import type { RdError } from '../client/librdkafka.js';
import { isReachable } from '../client/reachable.js';
import { toRecord } from '../client/record.js';
import { isKip848 } from '../client/settings.js';
import { createPatience, pause } from '../client/timing.js';
import type { TopicPartition } from '../port/records.js';
import type { GroupProtocol, RequestConsumer, RequestConsumerOptions } from '../port/request-consumer.js';
import { settingsToJoin } from './group-protocol.js';
import { joinGroup } from './group-session.js';
import { STATISTICS_MS } from './member-config.js';
import { createMembership } from './membership.js';
import { createPartitionSet } from './partition-set.js';
import { createProgress, type Progress } from './progress.js';
import { type RivalKind, rivalSentence, standAside } from './rival.js';
import { createSkipWatch } from './skip-watch.js';
import { createStallDetector } from './stall-detector.js';
import { type ConsumerStatistics, readStatistics } from './statistics.js';

/**
 * A member of a consumer group that reads requests: `subscribe`, polls, offsets stored by
 * hand and committed four times a second and at every revoke. Resolves when it is connected, however long
 * that takes; the first assignment comes later.
 *
 * Polls serve librdkafka's statistics too. So when those stop, or show records that nobody is handed, the member
 * gives its partitions up as lost and joins again: what was not stored is read again. It does so as well when a poll
 * tells of an error of the whole consumer.
 *
 * @throws {KafkaClientFault} when the configuration is refused, or `signal` was aborted first
 * @example
 * const consumer = await createRequestConsumer({
 *   settings,
 *   group: 'processor-orders',
 *   topics: ['orders'],
 *   onRecord: ({ topic, partition, offset }) => consumer.store(topic, partition, offset + 1),
 *   onAssigned: (partitions) => console.log('came', partitions),
 *   onRevoked: async (partitions, lost) => console.log(lost ? 'lost' : 'go', partitions),
 *   revokeTimeoutMs: 30_000,
 * });
 */
export async function createRequestConsumer(options: RequestConsumerOptions): Promise<RequestConsumer> {
  const { settings } = options;
  const closing = new AbortController();
  const ended = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
  const paused = createPartitionSet();
  const instanceId = String(settings.properties['group.instance.id'] ?? '');
  let joinedBy: GroupProtocol = 'classic';
  /** `classic` from the moment that the brokers refuse what `auto` had found. */
  let wanted = options.protocol ?? 'classic';
  let { topics } = options;
  let trouble: string | null = null;
  let last: ConsumerStatistics | null = null;
  const membership = createMembership(options.group);
  const skips = createSkipWatch({
    firstOf: async (at) => await membership.session?.firstOf(at),
    tell: (moved) => options.onMoved?.(moved),
  });
  let stall = createStallDetector(createPartitionSet(), paused);
  let progress: Progress | null = null;
  let restarting: Promise<void> = Promise.resolve();
  /** True while the session leaves to join again: it is nobody else's to give up. */
  let leaving = false;
  let closed: Promise<void> | undefined;
  const patience = createPatience(PATIENCE_MS, LONGEST_PATIENCE_MS);

  const events = {
    message(message: Parameters<typeof toRecord>[0]) {
      stall.record();
      progress?.record(message);
      skips.record(message);
      options.onRecord(toRecord(message));
    },
    begun: skips.begun,
    unstored: (error: RdError) => callFailed(error),
    settled(now: boolean) {
      membership.settled(now);
      if (!now) return;
      trouble = null;
      settings.events.access?.(options.group, true);
    },
    failed(error: RdError) {
      settings.events.error('request_consumer', clientError(error));
      if (errorCode(error) === CODE.groupNotAuthorized) settings.events.access?.(options.group, false);
      const failed = membership.session;
      void pause(REJOIN_MS, closing.signal).then(() => {
        if (membership.session === failed) giveUpFor(`joining failed: ${error.message}`);
      });
    },
    refused() {
      // An operator who chose it by hand reads of it in the log, in the brokers' own line.
      if (options.protocol !== 'auto') return;
      wanted = 'classic';
      giveUpFor('the broker refuses the group protocol consumer (KIP-848): joining by classic');
    },
    rivalled(kind: RivalKind) {
      trouble = rivalSentence(options.group, instanceId);
      giveUpFor(trouble, () => standAside(kind, settings, { group: options.group, instanceId }, closing.signal));
    },
    statistics(json: string) {
      last = readStatistics(json, joinedBy === 'consumer') ?? last;
      if (last === null) return;
      // KIP-848 has no event for a member that gets nothing to do.
      if (last.settled) {
        membership.seenSettled(joinedBy === 'consumer');
        trouble = null;
      }
      giveUpFor(stall.statistics(last));
      const from = membership.session;
      void progress?.look(last).then((reason) => {
        // At first a new one may do no better, so the waits grow.
        if (reason !== null && membership.session === from && patience.isOver()) giveUpFor(reason);
      });
    },
  };

  const onRevoked = (partitions: readonly TopicPartition[], lost: boolean): Promise<void> => {
    // librdkafka forgets a pause with the assignment.
    paused.remove(partitions);
    return options.onRevoked(partitions, lost);
  };

  const join = async (signal: AbortSignal): Promise<void> => {
    const chosen = await settingsToJoin(settings, wanted, signal);
    joinedBy = isKip848(chosen) ? 'consumer' : 'classic';
    const subscribed = topics;
    const joined = await joinGroup({ ...options, topics, settings: chosen, onRevoked }, events, signal);
    stall = createStallDetector(joined.assigned, paused);
    progress = createProgress({
      assigned: joined.assigned,
      paused,
      endsOf: joined.endsOf,
      isReachable: () => isReachable(settings),
    });
    membership.joined(joined);
    if (topics !== subscribed) attempt(() => joined.subscribe(topics));
  };

  const giveUpFor = (reason: string | null, before?: () => Promise<void>): void => {
    if (reason === null || closing.signal.aborted || leaving) return;
    const dead = membership.giveUp();
    if (dead === null) return;
    settings.events.restarted('request_consumer', reason);
    restarting = (async () => {
      await dead.abandon();
      paused.clear();
      await before?.();
      if (closing.signal.aborted) return;
      // Only closing ends the attempts: the configuration has been accepted before.
      await join(closing.signal).catch(() => undefined);
    })();
  };

  /** As {@link giveUpFor}, but what runs ends first and is stored. */
  const leaveAndJoin = async (reason: string): Promise<void> => {
    await restarting;
    if (closing.signal.aborted || membership.state === 'joining') return;
    settings.events.restarted('request_consumer', reason);
    restarting = (async () => {
      leaving = true;
      await membership.session?.leave().finally(() => (leaving = false));
      membership.giveUp();
      paused.clear();
      if (!closing.signal.aborted) await join(closing.signal).catch(() => undefined);
    })();
    await restarting;
  };

  const callFailed = (error: RdError): void => {
    if (!GONE.has(error.code)) settings.events.error('request_consumer', clientError(error));
  };
  const attempt = (action: () => unknown): void => {
    try {
      action();
    } catch (error) {
      callFailed(error as RdError);
    }
  };

  const ours = (partitions: readonly TopicPartition[]): TopicPartition[] =>
    partitions.filter(({ topic, partition }) => membership.session?.assigned.has(topic, partition));

  await join(ended);
  const watchdog = setInterval(() => giveUpFor(stall.period()), options.statisticsMs ?? STATISTICS_MS);
  watchdog.unref();

  const shut = async (): Promise<void> => {
    clearInterval(watchdog);
    closing.abort();
    await restarting;
    await membership.leave()?.leave();
  };

  return {
    group: options.group,
    protocol: () => joinedBy,
    store: (topic, partition, offset) => membership.session?.store(topic, partition, offset),
    pause(partitions) {
      const now = ours(partitions);
      paused.add(now);
      if (now.length > 0) attempt(() => membership.session?.client.pause(now));
    },
    resume(partitions) {
      paused.remove(partitions);
      const now = ours(partitions);
      if (now.length === 0) return;
      attempt(() => membership.session?.client.resume(now));
      // The thread of a broker with nothing to do sleeps up to a second (librdkafka's
      // rd_kafka_max_block_ms) and is not woken by a resume; a request to the leader wakes it.
      for (const { topic, partition } of now) {
        attempt(() => membership.session?.client.queryWatermarkOffsets(topic, partition, WAKE_MS, () => undefined));
      }
    },
    assignments: () => membership.session?.assigned.all() ?? [],
    lag: () =>
      (last?.partitions ?? []).flatMap(({ topic, partition, lag }) =>
        lag !== null && membership.session?.assigned.has(topic, partition) ? [{ topic, partition, lag }] : [],
      ),
    renew: (reason) => giveUpFor(reason),
    subscribe(wanted) {
      topics = wanted;
      const answered = membership.answer();
      if (!leaving) attempt(() => membership.session?.subscribe(wanted));
      return answered;
    },
    async rejoin(reason) {
      const answered = membership.answer();
      await leaveAndJoin(reason);
      await answered;
    },
    trouble: () => trouble,
    healthy: () => membership.state === 'settled' && !closing.signal.aborted,
    close: () => (closed ??= shut()),
  };
}

/** Least time between two restarts for missing progress, ms; doubled each time, up to the longest. */
const PATIENCE_MS = 15_000;
const LONGEST_PATIENCE_MS = 240_000;

/** Between two attempts to join a group that does not take this member, ms. */
const REJOIN_MS = 2000;

/** For the answer to a request that is sent for its waking only, ms. */
const WAKE_MS = 1000;

/** How librdkafka refuses a call for a partition that has gone to another member meanwhile. */
const GONE: ReadonlySet<number> = new Set([CODE.state, CODE.unknownPartition, CODE.destroy]);
