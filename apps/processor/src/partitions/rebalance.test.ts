import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { broken, ok, pipeline, type Respond } from '../testing/pipeline.js';
import { record } from '../testing/samples.js';

describe('partitions', () => {
  it('that are not ours are left alone', async () => {
    const { take, called } = pipeline({});
    take(record({ partition: 1 }));
    await settled();
    expect(called).toEqual([]);
  });

  it('of a topic that was deleted and recreated are served from their beginning', async () => {
    const { take, called, stored } = pipeline({});
    take(record({ offset: 5 }));
    await settled();
    for (const offset of [0, 1]) take(record({ offset }));
    await settled();
    expect(called).toHaveLength(3);
    expect(stored).toEqual([6, 1, 2]);
  });

  it('that go are drained: what is queued is dropped, what runs is stored', async () => {
    const answers: (() => void)[] = [];
    const held: Respond = (request, sink) => answers.push(() => ok()(request, sink));
    const { take, rebalance, called, stored, producer, clock } = pipeline({
      respond: held,
      config: { max_concurrent_requests: 1 },
    });
    take(record({ offset: 0 }));
    take(record({ offset: 1 }));
    let released = false;
    const revoked = rebalance.revoked([{ topic: 'requests', partition: 0 }], false).then(() => {
      released = true;
    });
    await settled();
    expect(released).toBe(false);
    answers[0]?.();
    await revoked;
    expect([called.length, producer.sent.length]).toEqual([1, 1]);
    expect(stored).toEqual([1]);
    expect(clock.waiting).toBe(0);
  });

  it('that go are held no longer than the bound, and what ends later stores nothing', async () => {
    const answers: (() => void)[] = [];
    const held: Respond = (request, sink) => answers.push(() => ok()(request, sink));
    const { take, rebalance, stored, clock, logger } = pipeline({ respond: held });
    take(record());
    const revoked = rebalance.revoked([{ topic: 'requests', partition: 0 }], false);
    await clock.advance(1_000);
    await revoked;
    expect(logger.info).toHaveBeenLastCalledWith({ partitions: 1, unfinished: 1, lost: false }, expect.anything());
    rebalance.assigned([{ topic: 'requests', partition: 0 }]);
    answers[0]?.();
    await settled();
    expect(stored).toEqual([]);
    take(record());
    answers[1]?.();
    await settled();
    expect(stored).toEqual([1]);
  });

  it('that come and go are logged in a line for all of them', async () => {
    const { rebalance, logger } = pipeline({});
    logger.info?.mockClear();
    const partitions = [2, 10, 1].map((partition) => ({ topic: 'requests', partition }));
    rebalance.assigned(partitions);
    await rebalance.revoked(partitions, false);
    expect(logger.info?.mock.calls).toEqual([
      [{ partitions: { requests: '1,2,10' } }, 'partitions came'],
      [{ partitions: { requests: '1,2,10' } }, 'partitions go'],
    ]);
  });

  it('that were lost are given up at once', async () => {
    const { take, rebalance, stored } = pipeline({ respond: () => {} });
    take(record());
    await rebalance.revoked([{ topic: 'requests', partition: 0 }], true);
    expect(stored).toEqual([]);
  });

  it('that go end the waits of their retries, which are the next owner’s to make', async () => {
    const { take, rebalance, producer, stored, called } = pipeline({ respond: broken });
    take(record());
    await settled();
    await rebalance.revoked([{ topic: 'requests', partition: 0 }], false);
    expect([called.length, producer.tries.length, stored.length]).toEqual([1, 0, 0]);
  });

  it('that come while their topic has too much are paused', async () => {
    const { take, rebalance, reading } = pipeline({
      respond: () => {},
      config: { max_concurrent_requests: 1 },
    });
    take(record({ offset: 0 }));
    take(record({ offset: 1 }));
    expect(reading.mock.calls).toEqual([['pause', 'requests', [0]]]);
    rebalance.assigned([{ topic: 'requests', partition: 4 }]);
    expect(reading.mock.calls.slice(1)).toEqual([['pause', 'requests', [4]]]);
  });
});
