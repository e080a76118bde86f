import { randomBytes } from 'node:crypto';
import { createProducer, type KafkaInspector, type KafkaSettings, openInspector } from '@kafka-http-proxy/kafka';
import type { Mark } from '@kafka-http-proxy/operate';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openMarks } from './open-marks.js';

const MARK: Mark = { v: 1, state: 'sending', n: 1, run: 'r', by: 'alice@ops-1', at: 1_790_000_000_000 };
const broker = inject('broker');
const settings: KafkaSettings = {
  bootstrapServers: broker.bootstrapServers,
  clientId: 'test',
  properties: broker.properties,
  maxRecordBytes: 1_000_000,
  events: { error: () => undefined, log: () => undefined, restarted: () => undefined },
};
let inspector: KafkaInspector;
beforeAll(async () => {
  inspector = await openInspector(settings, { signal: AbortSignal.timeout(30_000) });
});
afterAll(() => inspector.close());

const named = () => `failed-${randomBytes(4).toString('hex')}`;
const marksOf = (deadLetterTopic: string, reading = {}) => openMarks({ settings, inspector, deadLetterTopic }, reading);

it('makes the topic with the first mark, and finds marks again', async () => {
  const deadLetterTopic = named();
  const empty = await marksOf(deadLetterTopic);
  expect(empty.all().size).toBe(0);
  expect((await inspector.cluster()).topics.has(empty.name)).toBe(false);
  const first = await empty.write({ partition: 2, offset: 7 }, MARK);
  const second = await empty.write({ partition: 2, offset: 7 }, { ...MARK, state: 'answered', status: 200 });
  expect(second).toBeGreaterThan(first);
  await empty.write({ partition: 0, offset: 0 }, MARK);
  const states: string[] = [];
  const read = await marksOf(deadLetterTopic, { onMark: (_: unknown, { state }: Mark) => states.push(state) });
  expect(read.all()).toEqual(empty.all());
  expect(states).toEqual(['sending', 'answered', 'sending']);
  await read.forget([{ partition: 2, offset: 7 }]);
  expect([...(await marksOf(deadLetterTopic)).all().keys()]).toEqual(['0:0']);
  await Promise.all([empty.close(), read.close()]);
});

it('passes over what is no mark', async () => {
  const deadLetterTopic = named();
  const marks = await marksOf(deadLetterTopic);
  await marks.write({ partition: 0, offset: 1 }, MARK);
  const producer = await createProducer(settings, { messageTimeoutMs: 10_000 });
  const garbage: [string, string][] = [
    ['lock', JSON.stringify(MARK)],
    ['0:2', 'not JSON'],
    ['0:3', '[]'],
  ];
  for (const [key, value] of garbage) {
    await producer.deliver({ topic: marks.name, partition: 0, key, value: Buffer.from(value), headers: [] });
  }
  await producer.close(1000);
  let records = 0;
  const again = await marksOf(deadLetterTopic, { onRecord: () => records++ });
  expect([...again.all().keys()]).toEqual(['0:1']);
  expect(records).toBe(4);
  await marks.close();
});

it.runIf(broker.kind === 'kafka')('makes it with one partition', async () => {
  const marks = await marksOf(named());
  await marks.write({ partition: 0, offset: 1 }, MARK);
  expect((await inspector.cluster()).topics.get(marks.name)).toHaveLength(1);
  await marks.close();
});
