import { setImmediate as turn } from 'node:timers/promises';
import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import { expect, it } from 'vitest';
import { Assignments } from '../partitions/assignment.js';
import { createIntake } from './intake.js';

const IN_A_TURN = 64;

function setUp() {
  const assignments = new Assignments();
  assignments.open('requests', 0, 0);
  const taken: number[] = [];
  const held = { records: 0, bytes: 0 };
  let most = 0;
  const intake = createIntake({
    assignments,
    dispatcher: {
      hold(_, bytes) {
        held.records++;
        held.bytes += bytes;
        most = Math.max(most, held.records);
      },
      unhold(_, bytes) {
        held.records--;
        held.bytes -= bytes;
      },
    },
    take: ({ offset }) => taken.push(offset),
  });
  const hand = (from: number, count: number) => {
    for (let offset = from; offset < from + count; offset++) intake(record(offset));
  };
  return { assignments, taken, held, hand, most: () => most };
}

function record(offset: number): KafkaRecord {
  const at = { topic: 'requests', partition: 0, offset, timestampMs: 0 };
  return { ...at, key: null, value: Buffer.alloc(10), headers: [] };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

it('takes up few at once, and counts the others from the start', async () => {
  const { taken, held, hand } = setUp();
  hand(0, 1000);
  expect(taken).toEqual(upTo(IN_A_TURN));
  expect(held).toEqual({ records: 1000 - IN_A_TURN, bytes: 10 * (1000 - IN_A_TURN) });
  await turn();
  expect(taken).toHaveLength(2 * IN_A_TURN);
  await expect.poll(() => taken.length).toBe(1000);
  expect(taken).toEqual(upTo(1000));
  expect(held).toEqual({ records: 0, bytes: 0 });
});

it('keeps the order when more come while some wait, over many turns', async () => {
  const { taken, held, hand, most } = setUp();
  let handed = 0;
  for (let i = 0; i < 40; i++) {
    hand(handed, 100);
    handed += 100;
    await turn();
  }
  await expect.poll(() => taken.length).toBe(handed);
  expect(taken).toEqual(upTo(handed));
  expect(most()).toBeGreaterThan(1024);
  expect(held.records).toBe(0);
});

it('is at once again when a turn has passed', async () => {
  const { taken, hand } = setUp();
  hand(0, IN_A_TURN);
  await turn();
  hand(IN_A_TURN, 1);
  expect(taken).toHaveLength(IN_A_TURN + 1);
});

it('leaves what waits of a partition that was given up to its new owner, itself included', async () => {
  const { assignments, taken, held, hand } = setUp();
  hand(0, 200);
  assignments.close('requests', 0);
  hand(200, 1);
  assignments.open('requests', 0, 0);
  hand(64, 10);
  await expect.poll(() => held.records).toBe(0);
  expect(taken).toEqual([...upTo(IN_A_TURN), ...upTo(10).map((i) => i + 64)]);
});
