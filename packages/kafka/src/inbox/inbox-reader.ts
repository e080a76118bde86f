import { canaryId, type ReplyAddress } from '@kafka-http-proxy/protocol';
import { describeDenial } from '../client/access.js';
import { CODE, fault } from '../client/errors.js';
import type { RdMessage } from '../client/librdkafka.js';
import { toRecord } from '../client/record.js';
import { pause } from '../client/timing.js';
import { KafkaClientFault } from '../port/failures.js';
import type { InboxReader, InboxReaderOptions } from '../port/inbox-reader.js';
import { type Canary, canaryOwner, createCanary } from './canary.js';
import { createInboxPositions, type InboxPosition } from './inbox-positions.js';
import { INBOX_GROUP, openReaderSession, type ReaderSession } from './reader-session.js';
import { createVanishedTopics } from './vanished-topics.js';

/** How long the first canary of a partition may take, ms. */
const OPEN_MS = 10_000;

const DEFAULT_WATCHDOG_MS = 5000;

/** Between two attempts to open what was created again, ms. */
const REOPEN_MS = 1000;

/** What became of a canary: read again, never written (Kafka is away), or written and not read. */
type Probe = { readonly outcome: 'back' | 'silent' } | { readonly outcome: 'unsent'; readonly cause: unknown };

/**
 * Reads reply partitions. Resolves when it is connected, however long that takes.
 *
 * The package's reading thread ends silently on most errors (node-rdkafka#863), so partitions that
 * are quiet are probed by a canary in turn. When Kafka has the canary and the reader does not, the
 * consumer is recreated at the positions reached: nothing is lost.
 *
 * @throws {KafkaClientFault} when the configuration or the consumer group is refused, or `signal` was aborted first
 * @example
 * const reader = await createInboxReader({
 *   settings,
 *   producer,
 *   choosePartitions: (_topic, count) => chooseInboxPartitions({ configured: undefined, instanceId: 'proxy-0' }, count),
 *   onRecord: (record) => console.log(record.topic, record.offset),
 * });
 * const address = await reader.open('replies');
 */
export async function createInboxReader(options: InboxReaderOptions): Promise<InboxReader> {
  const { settings, producer } = options;
  const watchdogMs = options.watchdogMs ?? DEFAULT_WATCHDOG_MS;
  const closing = new AbortController();
  const ended = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
  const positions = createInboxPositions();
  const addresses = new Map<string, ReplyAddress>();
  const opening = new Map<string, Promise<ReplyAddress>>();
  const canaries = new Map<string, () => void>();
  /** Created again since they were last opened: all that they have is read. */
  const remade = new Set<string>();
  let healthy = true;
  let closed: Promise<void> | undefined;

  const onMessage = (message: RdMessage): void => {
    if (!positions.read(message)) return;
    const record = toRecord(message);
    const canary = canaryId(record);
    if (canary === null) options.onRecord(record);
    else if (canaries.has(canary)) canaries.get(canary)?.();
    else {
      const who = canaryOwner(record);
      // One of ours that came late tells nothing.
      if (who !== null && who.run !== options.owner?.run) options.onNeighbour?.(record, who);
    }
  };

  const events = { message: onMessage, unknownPartition: () => vanished.doubt() };
  let session: Promise<ReaderSession> = openReaderSession(settings, events, ended);
  await session;

  const probe = async (at: InboxPosition, timeoutMs: number): Promise<Probe> => {
    const canary: Canary = createCanary(at, options.owner);
    const timer = new AbortController();
    try {
      const back = new Promise<Probe>((resolve) => {
        canaries.set(canary.id, () => {
          settings.events.access?.(INBOX_GROUP, true);
          resolve({ outcome: 'back' });
        });
      });
      await producer.deliver(canary.record);
      const late = pause(timeoutMs, AbortSignal.any([timer.signal, closing.signal]))
        // One turn more: after a blocked event loop the timer is ahead of the records.
        .then(() => pause(20))
        .then((): Probe => ({ outcome: 'silent' }));
      return await Promise.race([back, late]);
    } catch (cause) {
      return { outcome: 'unsent', cause };
    } finally {
      timer.abort();
      canaries.delete(canary.id);
    }
  };

  const proven = async (at: InboxPosition): Promise<void> => {
    const result = await probe(at, OPEN_MS);
    if (result.outcome === 'unsent') throw fault(`canary to ${at.topic}/${at.partition}`, result.cause);
    if (result.outcome === 'silent') {
      throw new KafkaClientFault(`canary to ${at.topic}/${at.partition} did not come back`, CODE.timedOut);
    }
  };

  /** A partition that may not be read would end the reading of all. */
  const readable = async (topic: string): Promise<void> => {
    const [denied] = await producer.denied([{ resource: 'topic', name: topic, operations: ['Read'] }]);
    if (denied) throw new KafkaClientFault(describeDenial(denied), CODE.topicNotAuthorized);
  };

  const openTopic = async (topic: string, probed: boolean): Promise<ReplyAddress> => {
    const count = await producer.partitionsOf(topic);
    if (count === 0) throw new KafkaClientFault(`topic ${topic} does not exist`, CODE.unknownTopicOrPartition);
    if (!probed) await readable(topic);
    const chosen = options.choosePartitions(topic, count);
    const wrong = chosen.length === 0 || chosen.some((partition) => !(partition >= 0 && partition < count));
    if (wrong)
      throw new KafkaClientFault(`topic ${topic} has ${count} partitions, not [${chosen}]`, CODE.unknownPartition);
    const reading = await session;
    const fresh = chosen.filter((partition) => !positions.has(topic, partition));
    const starts = await Promise.all(
      fresh.map(async (partition) => ({
        topic,
        partition,
        probed,
        offset: remade.has(topic) ? 0 : await reading.endOffset({ topic, partition }),
      })),
    );
    if (closing.signal.aborted) throw new KafkaClientFault('the inbox is closed', CODE.state);
    // Noted first: should the consumer be replaced right now, its successor reads these too.
    for (const start of starts) positions.add(start);
    (await session).add(starts);
    if (probed) await Promise.all(chosen.map((partition) => proven(positions.at(topic, partition))));
    const [only] = chosen;
    const address = { topic, partition: chosen.length === 1 && only !== undefined ? only : null };
    remade.delete(topic);
    addresses.set(topic, address);
    return address;
  };

  const restart = async (reason: string): Promise<void> => {
    healthy = false;
    settings.events.restarted('inbox_reader', reason);
    const dead = session;
    session = (async () => {
      await (await dead.catch(() => null))?.close();
      const next = await openReaderSession(settings, events, closing.signal);
      next.add(positions.all());
      return next;
    })();
    await session;
    healthy = true;
  };

  /** Its offsets begin at 0 again, so the old positions would skip what came since it is back. */
  const startOver = async (topics: readonly string[]): Promise<void> => {
    const reading = await session;
    const made: string[] = [];
    for (const topic of topics) {
      for (const position of positions.of(topic)) {
        // One that only was without a leader for a while goes on where it was.
        if ((await reading.endOffset(position)) >= position.offset) continue;
        position.offset = 0;
        made.push(`${topic}/${position.partition}`);
      }
    }
    if (made.length > 0) await restart(`deleted and made anew: ${made.join(', ')}`);
  };
  const vanished = createVanishedTopics({
    topics: () => [...addresses.keys()],
    exists: async (topic) => await (await session).exists(topic),
    onReturned(topics) {
      void startOver(topics).catch(() => undefined);
    },
    signal: closing.signal,
  });

  /** One request for each topic at a time, whoever asks. */
  const open = (topic: string, probed: boolean): Promise<ReplyAddress> => {
    const address = addresses.get(topic);
    if (address) return Promise.resolve(address);
    let work = opening.get(topic);
    if (!work) {
      work = openTopic(topic, probed).finally(() => opening.delete(topic));
      opening.set(topic, work);
    }
    return work;
  };

  const renew = async (topics: readonly string[]): Promise<void> => {
    const renewed = topics.filter((topic) => addresses.delete(topic));
    if (renewed.length === 0) return;
    for (const topic of renewed) {
      remade.add(topic);
      positions.remove(topic);
    }
    await restart(`deleted and made again: ${renewed.join(', ')}`);
    for (let left = renewed; left.length > 0 && !closing.signal.aborted; ) {
      const tried = await Promise.allSettled(left.map((topic) => open(topic, true)));
      left = left.filter((_, i) => tried[i]?.status === 'rejected');
      if (left.length > 0) await pause(REOPEN_MS, closing.signal);
    }
  };

  const watch = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await pause(watchdogMs, closing.signal);
      if (closing.signal.aborted) return;
      const quiet = positions.quietest();
      if (quiet === null) continue;
      const { outcome } = await probe(quiet, Math.max(watchdogMs, 1000));
      if (outcome === 'back') healthy = true;
      if (outcome === 'silent' && !closing.signal.aborted) {
        await restart(`a canary to ${quiet.topic}/${quiet.partition} was written and not read`).catch(() => undefined);
      }
    }
  };
  void watch();

  const shut = async (): Promise<void> => {
    closing.abort();
    await (await session.catch(() => null))?.close();
  };

  return {
    open: (topic, { silently = false } = {}) => open(topic, !silently),
    renew(topics) {
      // It can only be closed meanwhile.
      void renew(topics).catch(() => undefined);
    },
    release(topic) {
      if (!addresses.delete(topic)) return;
      const gone = positions.remove(topic);
      void session.then((reading) => reading.remove(gone)).catch(() => undefined);
    },
    addressOf: (topic) => addresses.get(topic),
    topics: () => [...addresses.keys()],
    healthy: () => healthy && !closing.signal.aborted,
    close: () => (closed ??= shut()),
  };
}
