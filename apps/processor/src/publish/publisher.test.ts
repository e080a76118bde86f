import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import type { Fate } from '../testing/memory-producer.js';
import { broken, pipeline } from '../testing/pipeline.js';
import { record } from '../testing/samples.js';

const PARTITION = [{ topic: 'requests', partition: 0 }];

/** The first `times` records to `topic` fail. */
function failing(topic: string, failure: ReturnType<Fate>, times = Number.POSITIVE_INFINITY): Fate {
  return (to, nth) => (to === topic && nth < times ? failure : null);
}

describe('publishing', () => {
  it.each(['queue_full', 'timed_out', 'unavailable'] as const)('sends a reply again after %s', async (failure) => {
    const { take, clock, producer, stored } = pipeline({ fate: failing('responses', failure, 3) });
    take(record());
    await settled();
    expect(stored).toEqual([]);
    await clock.advance(5_000);
    expect(producer.tries).toEqual(Array(4).fill('responses'));
    expect(stored).toEqual([1]);
  });

  it('stops at the deadline with a reply that nobody waits for any longer', async () => {
    const { take, clock, producer, stored, logger, value } = pipeline({ fate: failing('responses', 'unavailable') });
    take(record({}, { deadlineMs: clock.now() + 3_000 }));
    await clock.advance(20_000);
    const tries = producer.tries.length;
    await clock.advance(60_000);
    expect(producer.tries).toHaveLength(tries);
    expect(producer.to('dead')).toEqual([]);
    expect(stored).toEqual([1]);
    expect(logger.warn).toHaveBeenCalledOnce();
    expect(await value('processor_replies_failed_total')).toBe(1);
  });

  it('says so when the broker refuses a reply for its size', async () => {
    const { take, producer, stored } = pipeline({ fate: failing('responses', 'too_large', 1) });
    take(record());
    await settled();
    expect(JSON.parse(String(producer.to('responses')[0]?.value))).toMatchObject({ code: 'reply_too_large' });
    expect(producer.to('dead')).toHaveLength(1);
    expect(stored).toEqual([1]);
  });

  it.each(['unknown_topic', 'not_authorized'] as const)(
    'dead-letters a request whose reply has nowhere to go: %s',
    async (failure) => {
      const { take, producer, stored, logger, value } = pipeline({ fate: failing('responses', failure) });
      take(record());
      await settled();
      expect(producer.tries).toEqual(['responses', 'dead']);
      expect(stored).toEqual([1]);
      expect(logger.warn).toHaveBeenCalledOnce();
      expect(await value('processor_replies_failed_total')).toBe(1);
    },
  );

  it('makes the response topic that nobody had asked for, and writes the reply to it', async () => {
    const { take, producer, made, stored } = pipeline({
      makesTopics: true,
      fate: failing('responses', 'unknown_topic', 1),
    });
    take(record());
    await settled();
    expect(made).toEqual(['responses']);
    expect(producer.to('responses')).toHaveLength(1);
    expect(producer.to('dead')).toEqual([]);
    expect(stored).toEqual([1]);
  });

  it.each(['unavailable', 'unknown_topic', 'not_authorized'] as const)(
    'keeps on with a dead letter after %s, past the deadline',
    async (failure) => {
      const { take, clock, producer, stored, logger } = pipeline({
        respond: broken,
        fate: failing('dead', failure, 20),
      });
      take(record({}, { method: 'POST', deadlineMs: clock.now() + 100 }));
      await clock.advance(10_000);
      expect(producer.to('responses')).toHaveLength(1);
      expect(stored).toEqual([]);
      // Kafka's absence is told elsewhere; of what does not pass by itself nobody else would tell.
      expect(logger.error).toHaveBeenCalledTimes(failure === 'unavailable' ? 0 : 1);
      await clock.advance(200_000);
      expect(producer.to('dead')).toHaveLength(1);
      expect(stored).toEqual([1]);
    },
  );

  it('tells a few of the requests that wait for a dead-letter topic, not each', async () => {
    const { take, producer, logger } = pipeline({ respond: broken, fate: failing('dead', 'not_authorized', 1000) });
    for (let offset = 0; offset < 50; offset++) take(record({ offset }, { method: 'POST' }));
    await settled();
    expect(producer.tries.filter((to) => to === 'dead')).toHaveLength(50);
    expect(logger.error).toHaveBeenCalledTimes(5);
  });

  it('gives a dead letter up that is too large to be one, rather than stop the partition', async () => {
    const { take, stored, value, logger } = pipeline({ respond: broken, fate: failing('dead', 'too_large') });
    take(record({}, { method: 'POST' }));
    await settled();
    expect(stored).toEqual([1]);
    expect(await value('processor_dead_letters_failed_total')).toBe(1);
    expect(logger.warn.mock.calls[0]?.[0]).toMatchObject({ publication: 'it is too_large' });
  });

  it.each(['responses', 'dead'])(
    'leaves the record to the next owner when the partition goes while %s fails',
    async (topic) => {
      const { take, rebalance, clock, stored, logger } = pipeline({
        respond: broken,
        fate: failing(topic, 'unavailable'),
      });
      take(record({}, { method: 'POST' }));
      await settled();
      await rebalance.revoked(PARTITION, false);
      await clock.advance(60_000);
      expect(stored).toEqual([]);
      expect(logger.warn).not.toHaveBeenCalled();
      expect(clock.waiting).toBe(0);
    },
  );

  it('answers a failure without a dead-letter topic, too', async () => {
    const { take, producer, stored } = pipeline({ respond: broken, config: { dead_letter_topic: undefined } });
    take(record({}, { method: 'POST' }));
    await settled();
    expect(producer.tries).toEqual(['responses']);
    expect(stored).toEqual([1]);
  });
});
