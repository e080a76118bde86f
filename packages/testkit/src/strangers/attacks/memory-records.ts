import { setTimeout as pause } from 'node:timers/promises';
import kafka from '@confluentinc/kafka-javascript';
import { produceAll } from '../../kafka/probe.js';
import type { BrokerUnderTest } from '../../services/bridge.js';
import type { Check, Finding } from '../stage/check.js';
import { forged } from '../stage/records.js';
import { judged, type Shared } from '../stage/shared.js';
import { holds } from '../stage/sockets.js';

/** More than the processor takes up of a topic at once. */
const RECORDS = 240;
const KHP_BYTES = 880_000;
const ELEVEN_DAYS_MS = 11 * 86_400_000;
const BIG_BYTES = 400_000_000;

/** Point 2 (c), written to Kafka. */
export const MEMORY_RECORD_CHECKS: readonly Check<Shared>[] = [{ id: '2c-records', limitMs: 60_000, run: longHeads }];

/** Point 2 (e). */
export const BATCH_CHECKS: readonly Check<Shared>[] = [
  { id: '2e-request', limitMs: 60_000, run: (arena) => bigRecord(arena, arena.stack.requestTopic('records')) },
  { id: '2e-reply', limitMs: 60_000, run: (arena) => bigRecord(arena, arena.stack.responseTopic('plain')) },
];

/** The slots of the topic are busy, so what is read waits; then the processor is started again on the same records. */
async function longHeads(arena: Shared): Promise<Finding> {
  const { stack, hanging } = arena;
  hanging.hold();
  const others = arena.others({ everyMs: 100, patienceMs: 20_000 });
  const topic = stack.requestTopic('records');
  const lines = Math.floor(KHP_BYTES / '"a","b",'.length);
  const headers = `${'"a","b",'.repeat(lines)}"a","b"`;
  const khp = `{"v":2,"method":"GET","target":"/records","deadline":${Date.now() + ELEVEN_DAYS_MS},"headers":[${headers}]}`;
  await produceAll(
    stack.broker,
    Array.from({ length: RECORDS }, (_, i) => forged(topic, `stranger-${i}`, khp)),
  );
  const refused = () => stack.processor.service.metric('processor_poison_records_total').catch(() => 0);
  await holds(8000, async () => stack.processor.ended() !== null || (await refused()) >= RECORDS);
  const poison = await refused();
  const first = stack.processor.ended();
  const firstPeak = stack.processor.memory.peakMib();
  await stack.restartProcessor();
  await pause(4000);
  const second = stack.processor.ended();
  const { others: got, complaints } = await judged(others);
  hanging.release();
  return {
    came: `${poison} of ${RECORDS} refused; before the restart ${Math.round(firstPeak)} MiB`,
    others: `${got}, over a restart of the processor`,
    complaints: [
      ...complaints,
      ...(first === null ? [] : [`the processor ended with ${first}`]),
      ...(second === null ? [] : [`started again, it ended with ${second}`]),
      ...(poison < RECORDS ? [`${RECORDS - poison} records were not refused`] : []),
    ],
  };
}

/** A batch that is small on its way and holds one record that is not. */
async function bigRecord(arena: Shared, topic: string): Promise<Finding> {
  const { stack } = arena;
  const refused = async () =>
    (await stack.processor.service.metric('processor_poison_records_total')) +
    (await arena.proxyMetric('proxy_malformed_replies_total')) +
    (await arena.proxyMetric('proxy_foreign_replies_total'));
  const before = await refused();
  // While Kafka's client decompresses, the process stands still.
  const others = arena.others({ everyMs: 100, patienceMs: 15_000 });
  await writeBig(stack.broker, topic);
  await pause(5000);
  const { others: got, complaints } = await judged(others);
  // What came behind it in the same partition is served.
  const after = await judged(arena.others({ path: '/', patienceMs: 10_000 }));
  const held = stack.tiers().map(({ name, memory }) => `${name} ${Math.round(memory.heldMib())}`);
  return {
    came: `${held.join(', ')} MiB some seconds later`,
    others: got,
    complaints: [
      ...complaints,
      ...after.complaints,
      ...((await refused().catch(() => 0)) > before ? [] : ['the record was not counted as refused']),
    ],
  };
}

/** Writes zeros as the client compresses them: 400 MB are about 400 KB. */
async function writeBig(broker: BrokerUnderTest, topic: string): Promise<void> {
  const producer = new kafka.Producer(
    {
      'bootstrap.servers': broker.bootstrapServers,
      'compression.codec': 'gzip',
      // The client's own limit, before it compresses; the broker's is for what comes.
      'message.max.bytes': 1_000_000_000,
      'queue.buffering.max.kbytes': 2_000_000,
      'message.timeout.ms': 60_000,
      dr_cb: true,
    },
    {},
  );
  await new Promise<void>((resolve, reject) => {
    producer.connect({ topic, allTopics: false, timeout: 10_000 }, (error) => (error ? reject(error) : resolve()));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      producer.on('delivery-report', (error) => (error ? reject(error) : resolve()));
      producer.setPollInterval(20);
      producer.produce(topic, 0, Buffer.alloc(BIG_BYTES));
    });
  } finally {
    await new Promise<void>((resolve) => producer.disconnect(() => resolve()));
  }
}
