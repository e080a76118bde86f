import type { KafkaRecord, OffsetRange } from '@kafka-http-proxy/kafka';
import { expect, it } from 'vitest';
import { fetchLetters } from './fetch.js';
import type { Planned } from './plan.js';

const never = new AbortController().signal;
const planned = (partition: number, offset: number, bytes = 10): Planned => ({
  partition,
  offset,
  atMs: 1,
  bytes,
  to: 'orders',
  version: 2,
  replyTopic: 'replies',
  n: 1,
});

/** A topic of so many records a partition; those of `gone` are missing. */
function topicOf(gone: readonly string[] = []) {
  const asked: OffsetRange[][] = [];
  return {
    asked,
    async read(ranges: readonly OffsetRange[], onRecord: (record: KafkaRecord) => void | Promise<void>) {
      asked.push([...ranges]);
      for (const { topic, partition, from, to = 0 } of ranges) {
        for (let offset = from; offset < to; offset++) {
          if (gone.includes(`${partition}@${offset}`)) continue;
          await onRecord({ topic, partition, offset, timestampMs: 1, key: null, value: null, headers: [] });
        }
      }
    },
  };
}

async function fetched(topic: ReturnType<typeof topicOf>, letters: readonly Planned[], signal = never) {
  const places: string[] = [];
  for await (const { record } of fetchLetters(topic, 'failed', letters, signal))
    places.push(`${record.partition}@${record.offset}`);
  return places;
}

it('gives the letters of a plan in its order, and reads each partition once for many', async () => {
  const topic = topicOf();
  const letters = [planned(1, 5), planned(0, 3), planned(1, 9), planned(0, 4)];
  expect(await fetched(topic, letters)).toEqual(['1@5', '0@3', '1@9', '0@4']);
  expect(topic.asked).toEqual([
    [
      { topic: 'failed', partition: 1, from: 5, to: 10 },
      { topic: 'failed', partition: 0, from: 3, to: 5 },
    ],
  ]);
});

it('leaves out what is gone meanwhile', async () => {
  expect(await fetched(topicOf(['0@2']), [planned(0, 1), planned(0, 2), planned(0, 3)])).toEqual(['0@1', '0@3']);
});

it('holds no more than 16 MiB of them', async () => {
  const topic = topicOf();
  const letters = Array.from({ length: 5 }, (_, offset) => planned(0, offset, 6_000_000));
  expect(await fetched(topic, letters)).toHaveLength(5);
  expect(topic.asked.map(([range]) => [range?.from, range?.to])).toEqual([
    [0, 2],
    [2, 4],
    [4, 5],
  ]);
});

it('reads nothing more when the run has ended', async () => {
  expect(await fetched(topicOf(), [planned(0, 1)], AbortSignal.abort())).toEqual([]);
});
