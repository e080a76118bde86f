import { expect, it } from 'vitest';
import { readStatistics } from './statistics.js';

const partition = (about: object) => ({
  fetchq_cnt: 0,
  next_offset: -1001,
  app_offset: -1001,
  hi_offset: -1001,
  consumer_lag: -1,
  ...about,
});

it('reads the lag from the last record handed over, else from the committed offset', () => {
  const found = readStatistics(
    JSON.stringify({
      cgrp: { state: 'up', join_state: 'steady' },
      brokers: { a: { state: 'DOWN' }, b: { state: 'UP' } },
      topics: {
        a: {
          topic: 'a',
          partitions: {
            '-1': partition({ partition: -1 }),
            '0': partition({ partition: 0, app_offset: 7, hi_offset: 10, fetchq_cnt: 2, next_offset: 9 }),
            '1': partition({ partition: 1, hi_offset: 10, consumer_lag: 4, next: -1001 }),
            '2': partition({ partition: 2 }),
            '3': partition({ partition: 3, app_offset: 11, hi_offset: 10 }),
          },
        },
      },
    }),
  );
  expect(found).toEqual({
    settled: true,
    reachable: true,
    coordinated: true,
    partitions: [
      { topic: 'a', partition: 0, fetched: 2, lag: 3, next: 9 },
      { topic: 'a', partition: 1, fetched: 0, lag: 4, next: -1001 },
      { topic: 'a', partition: 2, fetched: 0, lag: null, next: -1001 },
      { topic: 'a', partition: 3, fetched: 0, lag: 0, next: -1001 },
    ],
  });
});

it('is not settled while the group joins, and takes broken statistics for none', () => {
  expect(readStatistics('{"cgrp":{"state":"up","join_state":"wait-join"}}')?.settled).toBe(false);
  expect(readStatistics('{"topics":{}}')).toEqual({
    settled: false,
    reachable: false,
    coordinated: false,
    partitions: [],
  });
  expect(readStatistics('{')).toBeNull();
});

it('takes a KIP-848 member that was given nothing for a while for settled', () => {
  const young = '{"cgrp":{"state":"up","stateage":4000,"join_state":"init"}}';
  const old = '{"cgrp":{"state":"up","stateage":10000,"join_state":"init"}}';
  expect(readStatistics(young, true)?.settled).toBe(false);
  expect(readStatistics(old, true)?.settled).toBe(true);
  expect(readStatistics(old, false)?.settled).toBe(false);
});
