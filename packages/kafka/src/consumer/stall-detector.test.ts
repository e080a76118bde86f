import { expect, it } from 'vitest';
import { createPartitionSet } from './partition-set.js';
import { createStallDetector } from './stall-detector.js';

const WELL = { settled: true, reachable: true, coordinated: true };

function setup() {
  const assigned = createPartitionSet();
  const paused = createPartitionSet();
  assigned.add([{ topic: 'a', partition: 0 }]);
  const waiting = { ...WELL, partitions: [{ topic: 'a', partition: 0, fetched: 5, lag: 5, next: 5 }] };
  return { paused, assigned, waiting, stall: createStallDetector(assigned, paused) };
}

it('gives up when records wait for two statistics and none is handed over', () => {
  const { stall, waiting } = setup();
  expect(stall.statistics(waiting)).toBeNull();
  expect(stall.statistics(waiting)).toMatch('not handed over');
});

it('bears with a slow loop, a paused partition, and one that is not ours', () => {
  const { stall, waiting, paused, assigned } = setup();
  for (let i = 0; i < 5; i++) {
    stall.record();
    expect(stall.statistics(waiting)).toBeNull();
  }
  paused.add([{ topic: 'a', partition: 0 }]);
  for (let i = 0; i < 5; i++) expect(stall.statistics(waiting)).toBeNull();
  paused.clear();
  assigned.clear();
  for (let i = 0; i < 5; i++) expect(stall.statistics(waiting)).toBeNull();
});

it('gives up when statistics stay away for more than three periods', () => {
  const { stall } = setup();
  for (let i = 0; i < 3; i++) expect(stall.period()).toBeNull();
  stall.statistics({ ...WELL, partitions: [] });
  for (let i = 0; i < 3; i++) expect(stall.period()).toBeNull();
  expect(stall.period()).toMatch('no sign of life');
});
