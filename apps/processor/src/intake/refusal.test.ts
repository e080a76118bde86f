import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../testing/pipeline.js';
import { deadLetterError, reply } from '../testing/replies.js';
import { record, topic } from '../testing/samples.js';

describe('a record that is no usable request', () => {
  it('is answered where its sender can be made out, dead-lettered, and does not stop the next', async () => {
    const { take, producer, called, stored, value } = pipeline({});
    const bad = record();
    const khp = JSON.stringify({ v: 3, reply: ['responses', 7] });
    take({ ...bad, headers: [bad.headers[0] as (typeof bad.headers)[0], { khp }] });
    take(record({ offset: 1 }, { reply: { topic: 'others', partition: 0 } }));
    await settled();
    expect(reply(producer)).toMatchObject({ status: 400, error: 'bad_request', correlationId: 'nonce123-1' });
    expect(producer.to('responses')[0]?.partition).toBe(7);
    expect(deadLetterError(producer).code).toBe('bad_request');
    expect(producer.to('others')).toHaveLength(1);
    expect(called).toHaveLength(1);
    expect(stored.at(-1)).toBe(2);
    expect(await value('processor_poison_records_total', { fault: 'unknown_version' })).toBe(1);
  });

  it.each([
    ['nothing at all', { value: null, headers: [] }],
    ['noise', { value: Buffer.from([0xff, 0xfe]), headers: [] }],
    ['metadata without a sender', { headers: [{ khp: '{}' }] }],
  ])('of %s is dead-lettered without an answer', async (_title, change) => {
    const { take, producer, stored } = pipeline({});
    take({ ...record(), ...change });
    await settled();
    expect(producer.tries).toEqual(['dead']);
    expect(stored).toEqual([1]);
  });

  it('of version 1 is answered on the configured topic', async () => {
    const { take, producer } = pipeline({});
    take({ ...record(), value: Buffer.from('{"correlation_id":"id-1","path":7}'), headers: [] });
    await settled();
    expect(reply(producer)).toMatchObject({ version: 1, status: 400, correlationId: 'id-1' });
  });

  it.each([
    ['its khp is longer than any that is written', 'khp', 262_145, 0],
    ['it is longer than any that is written', null, 0, 1_100_000],
  ])('because %s is not parsed, and dead-lettered as it is', async (_title, _name, metadata, body) => {
    const { take, producer, called, value, dispatcher } = pipeline({});
    const good = record({}, { body: Buffer.alloc(body) });
    const khp = Buffer.from(String(good.headers[1]?.khp).padEnd(metadata));
    take({ ...good, headers: [good.headers[0] as (typeof good.headers)[0], { khp }] });
    await settled();
    expect([called.length, dispatcher.open()]).toEqual([0, 0]);
    expect(producer.tries).toEqual(['dead']);
    expect(deadLetterError(producer)).toMatchObject({ code: 'bad_request' });
    expect(await value('processor_poison_records_total', { fault: 'oversized' })).toBe(1);
  });

  it.each(['__consumer_offsets', '_schemas', 'requests', 'dead', 'dead-marks', 'khp-control'])(
    'because its reply would go to %s has none',
    async (name) => {
      const { take, producer, called, value } = pipeline({});
      take(record({}, { reply: { topic: name, partition: 0 } }));
      await settled();
      expect(called).toEqual([]);
      expect(producer.tries).toEqual(['dead']);
      expect(deadLetterError(producer).code).toBe('topic_not_allowed');
      expect(await value('processor_poison_records_total', { fault: 'reply_topic' })).toBe(1);
    },
  );

  it('because its reply would go where only those of another topic may has none', async () => {
    const topics = [topic(), topic({ request_topic: 'other', response_topic: 'victims' })];
    const { take, producer, called, refusals } = pipeline({ config: { topics, allowed_response_topics: [] } });
    take(record({}, { reply: { topic: 'victims', partition: 3 } }));
    await settled();
    expect(called).toEqual([]);
    expect(producer.tries).toEqual(['dead']);
    // Who waits is not told by a reply: /ready names both topics.
    expect(refusals.notes()).toEqual([expect.stringMatching(/of requests .* may not go to victims/)]);
  });

  it('because its body goes on in another control_topic fails at once with the reason, and is noted for a while', async () => {
    const { take, clock, producer, called, refusals, logger } = pipeline({});
    take(record({}, { more: true, body: Buffer.from('first'), control: 'theirs' }));
    await settled();
    expect(called).toEqual([]);
    expect(reply(producer)).toMatchObject({ status: 500, error: 'processing_failed' });
    expect(String(reply(producer).body)).toContain('control_topic');
    expect(logger.warn.mock.calls[0]?.[0]).toMatchObject({ cause: expect.stringContaining('theirs') });
    expect(refusals.notes()).toEqual([expect.stringMatching(/control_topic theirs, this processor khp-control/)]);
    await clock.advance(300_001);
    expect(refusals.notes()).toEqual([]);
  });

  it('because its body goes on elsewhere, and there is no control topic to get it by, fails with the reason', async () => {
    const { take, producer, called } = pipeline({ inbox: false });
    take(record({}, { more: true, body: Buffer.from('first') }));
    await settled();
    expect(called).toEqual([]);
    expect(reply(producer)).toMatchObject({ status: 413, error: 'body_too_large' });
    expect(String(reply(producer).body)).toContain('control_topic');
    expect(deadLetterError(producer)).toMatchObject({ code: 'body_too_large', truncated: true });
  });

  it('because its body goes on elsewhere, and the reader of that is being recreated, may come again', async () => {
    let there = true;
    const { take, producer, conversations } = pipeline({ inbox: () => there });
    expect(conversations.available()).toBe(true);
    there = false;
    take(record({}, { more: true, body: Buffer.from('first') }));
    await settled();
    expect(reply(producer)).toMatchObject({ status: 503, error: 'kafka_unavailable' });
  });
});
