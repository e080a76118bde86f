import kafka from '@confluentinc/kafka-javascript';
import { DeadLetterError, decodeRequest, headerValue, recordHeader } from '@kafka-http-proxy/protocol';
import { readTopic } from '../kafka/probe.js';
import { topicId } from '../kafka/topic-admin.js';
import type { BrokerUnderTest } from '../services/bridge.js';
import type { Accepted, Buried, Commit } from './history.js';
import { ID_HEADER } from './ledger-backend.js';

/** Sees what Kafka holds: requests, dead letters, and what the processors' group has committed. */
export interface Witness {
  readonly accepted: Accepted[];
  readonly buried: Buried[];
  readonly commits: Commit[];
  /** Resolves when the group has committed all that was accepted. @throws Error that tells what is left, after `timeoutMs` */
  settled(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface WitnessOptions {
  readonly broker: BrokerUnderTest;
  readonly requestTopic: string;
  readonly deadLetterTopic: string;
  /** The processors' consumer group. */
  readonly group: string;
}

/** Between two looks at what was committed, ms. */
const SAMPLE_MS = 250;
const ANSWER_MS = 2000;

type Offsets = { topic: string; partition: number; offset?: number; metadata?: string }[];
interface Committed {
  connect(options: object, done: (error: unknown) => void): void;
  disconnect(done: () => void): void;
  committed(partitions: Offsets, timeoutMs: number, done: (error: unknown, found: Offsets) => void): void;
}

export async function startWitness(options: WitnessOptions): Promise<Witness> {
  const { broker, requestTopic, deadLetterTopic, group } = options;
  const accepted: Accepted[] = [];
  const buried: Buried[] = [];
  const commits: Commit[] = [];
  const ends = new Map<number, number>();

  const requests = await readTopic(broker, requestTopic, (record) => {
    ends.set(record.partition, record.offset + 1);
    const request = decodeRequest(record);
    const id = request.ok ? headerValue(request.value.headers, ID_HEADER) : undefined;
    if (!request.ok || id === undefined) return;
    accepted.push({ id, partition: record.partition, offset: record.offset, more: request.value.more });
  });
  const letters = await readTopic(broker, deadLetterTopic, (record) => {
    const request = decodeRequest(record);
    const error = DeadLetterError.safeParse(JSON.parse(recordHeader(record.headers, 'khp-error') ?? 'null'));
    const id = request.ok ? headerValue(request.value.headers, ID_HEADER) : undefined;
    if (id !== undefined && error.success) buried.push({ id, code: error.data.code, atMs: record.timestampMs });
  });
  const asker = await openAsker(broker, group);
  // The embedded broker has no ids of topics, and does not answer who asks for them.
  const id = broker.kind === 'embedded' ? null : await topicId(broker, requestTopic);

  const newest = new Map<number, number>();
  const sample = async (): Promise<void> => {
    const partitions = [...ends.keys()].map((partition) => ({ topic: requestTopic, partition }));
    if (partitions.length === 0) return;
    const found = await new Promise<Offsets | null>((resolve) =>
      asker.committed(partitions, ANSWER_MS, (error, offsets) => resolve(error ? null : offsets)),
    );
    // Its clock is read behind the answer: what was committed at that time was so at the latest.
    const atMs = Date.now();
    for (const { partition, offset, metadata } of found ?? []) {
      if (typeof offset !== 'number' || offset < 0) continue;
      // Committed for a topic of this name that is no more: nobody goes by it.
      if (metadata !== undefined && id !== null && metadata !== `topic-id=${id}`) continue;
      if (newest.get(partition) !== offset) commits.push({ atMs, partition, offset });
      newest.set(partition, offset);
    }
  };
  let sampling = Promise.resolve();
  const timer = setInterval(() => {
    sampling = sampling.then(sample);
  }, SAMPLE_MS);

  return {
    accepted,
    buried,
    commits,
    async settled(timeoutMs) {
      const open = () => [...ends].filter(([partition, end]) => (newest.get(partition) ?? 0) < end);
      for (const endAt = Date.now() + timeoutMs; open().length > 0; ) {
        if (Date.now() > endAt) {
          const left = open().map(([partition, end]) => `${partition}: ${newest.get(partition) ?? 0} of ${end}`);
          throw new Error(`requests are not finished after ${timeoutMs} ms: partition ${left.join(', ')}`);
        }
        await sample();
      }
    },
    async close() {
      clearInterval(timer);
      await sampling;
      await Promise.all([requests.close(), letters.close()]);
      await new Promise<void>((resolve) => asker.disconnect(resolve));
    },
  };
}

/** A client that names the group and is no member of it. */
async function openAsker({ bootstrapServers, properties }: BrokerUnderTest, group: string): Promise<Committed> {
  const config = { ...properties, 'bootstrap.servers': bootstrapServers, 'group.id': group };
  const asker = new kafka.KafkaConsumer(config, {}) as unknown as Committed & {
    on(event: string, listener: () => void): void;
  };
  asker.on('event.error', () => undefined);
  await new Promise<void>((resolve, reject) =>
    asker.connect({ allTopics: false, timeout: 10_000 }, (error) => (error ? reject(error) : resolve())),
  );
  return asker;
}
