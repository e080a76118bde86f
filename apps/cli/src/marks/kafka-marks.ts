import type { KafkaInspector, KafkaSettings, RecordProducer } from '@kafka-http-proxy/kafka';
import { markKey, readMark } from '@kafka-http-proxy/operate';
import { marksTopic } from '@kafka-http-proxy/protocol';
import { CommandFailure } from '../operator/exit.js';
import { collectMarks, type LetterPlace, type MarkReading, type MarkStore } from './mark-store.js';

/** All marks are in one partition, so that they have one order. */
const PARTITION = 0;
/** How long Kafka may take to acknowledge a mark, ms. */
const WRITE_MS = 10_000;
const CLOSE_MS = 5000;

/**
 * The marks of a dead-letter topic, in the topic that is named for it: read to its end before this resolves. It is made,
 * compacted, when the first mark is written.
 *
 * @throws {CommandFailure} when Kafka denies to read them; {KafkaClientFault} when they can't be read
 * @example
 * const marks = await openKafkaMarks(settings, inspector, 'failed-requests', {});
 * await marks.write({ partition: 0, offset: 41 }, mark);
 */
export async function openKafkaMarks(
  settings: KafkaSettings,
  inspector: KafkaInspector,
  deadLetterTopic: string,
  reading: MarkReading,
): Promise<MarkStore> {
  const topic = marksTopic(deadLetterTopic);
  const { marks, take } = collectMarks(reading);
  await readAll(inspector, topic, reading.signal, (record) => {
    reading.onRecord?.(record);
    take(record.key?.toString('latin1'), readMark(record.value));
  });
  let producer: Promise<RecordProducer> | undefined;

  const prepared = (): Promise<RecordProducer> => (producer ??= openProducer(settings, inspector, topic));
  const write = async (letter: LetterPlace, value: Buffer | null): Promise<number> => {
    const opened = await prepared();
    return await new Promise<number>((resolve, reject) => {
      const record = { topic, partition: PARTITION, key: markKey(letter), value, headers: [] };
      opened.send(record, (error, at) => {
        if (error === null) return resolve(at?.offset ?? -1);
        reject(refusedMark(topic, error));
      });
    });
  };
  return {
    name: topic,
    all: () => marks,
    async write(letter, mark) {
      const offset = await write(letter, Buffer.from(JSON.stringify(mark)));
      marks.set(markKey(letter), mark);
      return offset;
    },
    async prepare() {
      await prepared();
    },
    async forget(letters) {
      const known = letters.filter((letter) => marks.delete(markKey(letter)));
      await Promise.all(known.map((letter) => write(letter, null)));
    },
    async close() {
      await (await producer?.catch(() => undefined))?.close(CLOSE_MS);
    },
  };
}

async function readAll(
  inspector: KafkaInspector,
  topic: string,
  signal: AbortSignal | undefined,
  onRecord: Parameters<KafkaInspector['read']>[1],
): Promise<void> {
  const at = [{ topic, partition: PARTITION }];
  if (!(await inspector.cluster()).topics.has(topic)) {
    // Hidden, or not there yet: nothing was done about any letter then.
    if (await isDenied(inspector, topic)) throw denied(topic, 'Read');
    return;
  }
  const [start] = await inspector.offsets(at, 'start');
  const [end] = await inspector.offsets(at, 'end');
  if (start === undefined || end === undefined) throw new CommandFailure(`${topic}: its partition has no leader`);
  if (end.offset > start.offset && (await isDenied(inspector, topic))) throw denied(topic, 'Read');
  await inspector.read([{ ...start, from: start.offset, to: end.offset }], onRecord, signal && { signal });
}

/** False as well where the broker does not say: the embedded one. */
async function isDenied(inspector: KafkaInspector, topic: string): Promise<boolean> {
  const needs = [{ resource: 'topic' as const, name: topic, operations: ['Read' as const] }];
  return (await inspector.denied(needs).catch(() => [])).length > 0;
}

async function openProducer(
  settings: KafkaSettings,
  inspector: KafkaInspector,
  topic: string,
): Promise<RecordProducer> {
  const { createProducer } = await import('@kafka-http-proxy/kafka');
  const producer = await createProducer(settings, { messageTimeoutMs: WRITE_MS });
  // The embedded broker makes a topic when it is asked for.
  if (String(settings.properties['allow.auto.create.topics']) === 'true') await producer.partitionsOf(topic);
  else if (!(await inspector.cluster()).topics.has(topic)) await makeTopic(inspector, topic, producer);
  return producer;
}

async function makeTopic(inspector: KafkaInspector, topic: string, producer: RecordProducer): Promise<void> {
  try {
    const config = { 'cleanup.policy': 'compact' };
    await inspector.createTopic({ name: topic, partitions: 1, replicationFactor: -1, config });
  } catch (cause) {
    // Another operator may have been as fast.
    if ((await producer.partitionsOf(topic).catch(() => 0)) > 0) return;
    await producer.close(0);
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(
      `The topic for marks can't be made: ${message}. Have it made by
  kafka-topics --create --topic ${topic} --partitions 1 --config cleanup.policy=compact
or keep the marks in a file, which others don't see: --state <file>.`,
      undefined,
      { cause },
    );
  }
}

/** What to do where a record of marks was not taken. */
export function refusedMark(topic: string, error: Error & { readonly failure?: string }): CommandFailure {
  if (error.failure === 'not_authorized') return denied(topic, 'Write');
  return new CommandFailure(`A mark could not be written to ${topic}: ${error.message}`, undefined, { cause: error });
}

function denied(topic: string, operation: 'Read' | 'Write'): CommandFailure {
  return new CommandFailure(
    `Kafka denies ${operation} on ${topic}, where it says what was done about each letter. Have it granted by
  kafka-acls --add --allow-principal 'User:<principal>' --operation ${operation} --topic ${topic}
or keep the marks in a file, which others don't see: --state <file>.`,
  );
}
