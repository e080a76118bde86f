import { canaryId, type ReplyAddress } from '@kafka-http-proxy/protocol';
import { describeDenial } from '../client/access.js';
import { CODE } from '../client/errors.js';
import type { RdMessage } from '../client/librdkafka.js';
import { toRecord } from '../client/record.js';
import { pause } from '../client/timing.js';
import { KafkaClientFault } from '../port/failures.js';
import type { InboxReader, InboxReaderOptions } from '../port/inbox-reader.js';
import { canaryOwner } from './canary.js';
import { createInboxPositions } from './inbox-positions.js';
import { createProbes } from './probes.js';
import { openReaderSession, type ReaderSession } from './reader-session.js';
import { createVanishedTopics } from './vanished-topics.js';

const DEFAULT_WATCHDOG_MS = 5000;

/** Between two attempts to open what was created again, ms. */
const REOPEN_MS = 1000;

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
  const probes = createProbes(options, closing.signal);
  /** Created again since they were last opened: all that they have is read. */
  const remade = new Set<string>();
  let healthy = true;
  let closed: Promise<void> | undefined;

  const onMessage = (message: RdMessage): void => {
    if (!positions.read(message)) return;
    const record = toRecord(message);
    const canary = canaryId(record);
    if (canary === null) options.onRecord(record);
    else if (!probes.came(canary)) {
      const who = canaryOwner(record);
      // One of ours that came late tells nothing.
      if (who !== null && who.run !== options.owner?.run) options.onNeighbour?.(record, who);
    }
  };

  const events = { message: onMessage, unknownPartition: () => vanished.doubt() };
  let session: Promise<ReaderSession> = openReaderSession(settings, events, ended);
  await session;

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
    if (probed) await Promise.all(chosen.map((partition) => probes.proven(positions.at(topic, partition))));
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

  const reconnect = async (reason: string): Promise<void> => {
    for (;;) {
      const before = session;
      const next = await openReaderSession(settings, events, closing.signal);
      if (session === before && !closing.signal.aborted) {
        session = Promise.resolve(next);
        settings.events.restarted('inbox_reader', reason);
        // It hands over nothing more from now on, so the next one goes on exactly there.
        const leaving = before.then((dead) => dead.close()).catch(() => undefined);
        next.add(positions.all());
        return await leaving;
      }
      // Another was made meanwhile, maybe of the settings as they were before.
      await next.close();
      if (closing.signal.aborted) throw new KafkaClientFault('the inbox is closed', CODE.state);
      await session.catch(() => undefined);
    }
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
      const { outcome } = await probes.probe(quiet, Math.max(watchdogMs, 1000));
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
    reconnect,
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
