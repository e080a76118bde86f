import { expect, it, vi } from 'vitest';
import { createPartitionSet } from './partition-set.js';
import { createProgress } from './progress.js';
import type { ConsumerStatistics } from './statistics.js';

const AT = { topic: 'a', partition: 0 };

function setup(end: number | undefined) {
  const assigned = createPartitionSet();
  const paused = createPartitionSet();
  assigned.add([AT]);
  const ends = new Map(end === undefined ? [] : [['a/0', end]]);
  const endsOf = vi.fn(() => Promise.resolve(ends));
  const isReachable = vi.fn(() => Promise.resolve(true));
  return {
    assigned,
    paused,
    ends,
    endsOf,
    isReachable,
    progress: createProgress({ assigned, paused, endsOf, isReachable }),
  };
}

const at = (next: number, about: Partial<ConsumerStatistics> = {}): ConsumerStatistics => ({
  settled: true,
  reachable: true,
  coordinated: true,
  partitions: [{ ...AT, fetched: 0, lag: 0, next }],
  ...about,
});

it('gives up at the third look at which a partition stands still before its end', async () => {
  const { progress } = setup(9);
  expect(await progress.look(at(5))).toBeNull();
  expect(await progress.look(at(5))).toBeNull();
  expect(await progress.look(at(5))).toMatch('a/0 ends at 9, and it stands still at 5');
});

it('gives up where nothing was ever fetched, even of a partition without records', async () => {
  const { progress } = setup(0);
  for (let i = 0; i < 2; i++) expect(await progress.look(at(-1001))).toBeNull();
  expect(await progress.look(at(-1001))).toMatch('nothing is fetched of it');
});

it('gives up where the position is beyond the end', async () => {
  const { progress } = setup(2);
  for (let i = 0; i < 2; i++) expect(await progress.look(at(6))).toBeNull();
  expect(await progress.look(at(6))).toMatch('stands still at 6');
});

it('is content at the end, on the way, where records came, when paused, and when nobody says where the end is', async () => {
  const atEnd = setup(5);
  for (let i = 0; i < 5; i++) expect(await atEnd.progress.look(at(5))).toBeNull();
  const onTheWay = setup(90);
  for (let i = 0; i < 5; i++) expect(await onTheWay.progress.look(at(i))).toBeNull();
  const handed = setup(90);
  for (let i = 0; i < 5; i++) {
    handed.progress.record(AT);
    expect(await handed.progress.look(at(5))).toBeNull();
  }
  const paused = setup(90);
  paused.paused.add([AT]);
  for (let i = 0; i < 5; i++) expect(await paused.progress.look(at(5))).toBeNull();
  const silent = setup(undefined);
  for (let i = 0; i < 5; i++) expect(await silent.progress.look(at(5))).toBeNull();
  silent.endsOf.mockRejectedValue(new Error('away'));
  expect(await silent.progress.look(at(5))).toBeNull();
});

it('gives up without a broker or a coordinator only when others reach Kafka', async () => {
  const { progress, isReachable } = setup(5);
  isReachable.mockResolvedValue(false);
  for (let i = 0; i < 5; i++) expect(await progress.look(at(5, { reachable: false }))).toBeNull();
  isReachable.mockResolvedValue(true);
  expect(await progress.look(at(5, { reachable: false }))).toMatch('not by this client');
  expect(await progress.look(at(5, { coordinated: false }))).toMatch('coordinator');
  expect(await progress.look(at(5))).toBeNull();
  expect(await progress.look(at(5, { reachable: false }))).toBeNull();
});
