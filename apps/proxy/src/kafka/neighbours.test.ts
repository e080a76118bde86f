import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { expect, it, vi } from 'vitest';
import { createNeighbours } from './neighbours.js';
import { passingInstance } from './passing-instance.js';

const at = { topic: 'replies', partition: 3 };

function neighbours(readsAll = false) {
  const logger = { warn: vi.fn(), info: vi.fn() };
  const clock = new FakeClock();
  return { logger, clock, met: createNeighbours({ instanceId: 'a', readsAll, logger, clock }) };
}

it('warns of another proxy with the same instance_id, once, and notes it until it is gone', async () => {
  const { met, logger, clock } = neighbours();
  for (const run of ['1', '1', '2']) met.seen(at, { instance: 'a', run });
  const sentence = 'another proxy has instance_id "a" too, and reads partition 3 of replies: give each proxy its own';
  expect(met.notes()).toEqual([sentence]);
  expect(logger.warn.mock.calls).toEqual([[{ instanceId: 'a' }, sentence]]);
  await clock.advance(300_001);
  expect(met.notes()).toEqual([]);
});

it('says who shares its partition, and what to do, without a warning', () => {
  const { met, logger } = neighbours();
  met.seen(at, { instance: 'b\n', run: '1' });
  met.seen(at, { instance: 'c', run: '2' });
  expect(met.notes()).toEqual([
    expect.stringMatching(/^proxy "b\\n" reads partition 3 of replies too.* as many partitions as there are proxies/),
    expect.stringContaining('proxy "c"'),
  ]);
  expect([logger.warn.mock.calls.length, logger.info.mock.calls.length]).toEqual([0, 1]);
});

it('expects others where it reads every partition, but not its own name', () => {
  const { met } = neighbours(true);
  met.seen(at, { instance: 'b', run: '1' });
  expect(met.notes()).toEqual([]);
  met.seen(at, { instance: 'a', run: '2' });
  expect(met.notes()).toHaveLength(1);
});

it('takes a command that tries a request for no proxy', () => {
  const { met, logger } = neighbours();
  for (let i = 0; i < 20; i++) met.seen(at, { instance: passingInstance(), run: String(i) });
  expect([met.notes(), logger.info.mock.calls]).toEqual([[], []]);
  met.seen(at, { instance: 'a', run: 'twin' });
  expect(met.notes()).toHaveLength(1);
});

it('keeps few in mind: anybody may write a canary', () => {
  const { met, logger } = neighbours();
  for (let i = 0; i < 1000; i++) met.seen(at, { instance: `x${i}`, run: String(i) });
  expect(met.notes()).toHaveLength(16);
  expect(logger.info).toHaveBeenCalledTimes(1);
});
