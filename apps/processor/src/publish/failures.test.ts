import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { broken, ok, pipeline, type Respond } from '../testing/pipeline.js';
import { deadLetterError, reply } from '../testing/replies.js';
import { record, topic } from '../testing/samples.js';

describe('a request that fails', () => {
  it('gets an error reply, a dead letter with the original untouched, its offset and one line in the log', async () => {
    const { take, clock, producer, stored, logger, value } = pipeline({ respond: broken });
    const original = record(
      { offset: 9, key: Buffer.from([0, 255]) },
      { method: 'POST', body: Buffer.from([1, 2]), deadlineMs: clock.now() + 9_000 },
    );
    take(original);
    await settled();
    const answer = reply(producer);
    expect(answer).toMatchObject({ status: 502, error: 'backend_unreachable' });
    expect(answer.headers).toEqual(['Content-Type', 'application/problem+json', 'Content-Length', expect.any(String)]);
    expect(JSON.parse(String(answer.body))).toMatchObject({
      code: 'backend_unreachable',
      correlation_id: 'nonce123-1',
    });
    expect(String(answer.body)).not.toContain('ECONNREFUSED');
    const [letter] = producer.to('dead');
    expect(letter).toMatchObject({ partition: null, key: original.key, value: original.value });
    expect(letter?.headers.slice(0, -1)).toEqual(original.headers);
    expect(deadLetterError(producer)).toMatchObject({
      code: 'backend_unreachable',
      topic: 'requests',
      partition: 0,
      offset: 9,
      timestamp: original.timestampMs,
      attempts: 1,
      group: 'processor-requests',
    });
    expect(stored).toEqual([10]);
    expect(logger.warn).toHaveBeenCalledOnce();
    expect(logger.warn.mock.calls[0]?.[0]).toEqual({
      correlationId: 'nonce123-1',
      code: 'backend_unreachable',
      topic: 'requests',
      partition: 0,
      offset: 9,
      attempts: 1,
      cause: 'ECONNREFUSED',
    });
    expect(await value('processor_dead_letters_total', { code: 'backend_unreachable' })).toBe(1);
    expect(await value('processor_messages_total', { status: 'error' })).toBe(1);
  });

  it('is answered with Retry-After while the breaker is open, and not sent', async () => {
    const breaking = topic({ circuit_breaker: { min_rps: 0, half_open_after: 60 }, max_retries: 1 });
    const { take, producer, called } = pipeline({ respond: broken, config: { topics: [breaking] } });
    take(record({ offset: 0 }));
    await settled();
    producer.sent.length = 0;
    take(record({ offset: 1 }));
    await settled();
    expect(called).toHaveLength(1);
    expect(reply(producer)).toMatchObject({ status: 503, error: 'backend_unhealthy' });
    expect(reply(producer).headers).toEqual(expect.arrayContaining(['Retry-After', '1']));
    expect(deadLetterError(producer).code).toBe('backend_unhealthy');
  });

  it('because its reply fits no record gets reply_too_large, head and all counted', async () => {
    const kafka = { max_record_bytes: 1_024 };
    const { take, producer } = pipeline({ respond: ok('x'.repeat(1_000)), config: { kafka }, inbox: false });
    take(record());
    await settled();
    expect(reply(producer)).toMatchObject({ status: 502, error: 'reply_too_large' });
    expect(deadLetterError(producer).code).toBe('reply_too_large');
  });

  it('because it names a reply topic that is not there is dead-lettered, which the letter and the log say', async () => {
    const fate = (to: string) => (to === 'nowhere' ? 'unknown_topic' : null);
    const { take, producer, logger, stored } = pipeline({ fate });
    take(record({}, { reply: { topic: 'nowhere', partition: 0 } }));
    await settled();
    expect(producer.tries).toEqual(['nowhere', 'dead']);
    expect(deadLetterError(producer).message).toContain('could not be written to Kafka. it is unknown_topic');
    expect(logger.warn.mock.calls[0]?.[0]).toMatchObject({ cause: 'it is unknown_topic' });
    expect(stored).toEqual([1]);
  });

  it.each([
    ['its head alone', 0, true],
    ['head and trailers together', 150_000, true],
    ['its head alone, where replies are one record', 0, false],
  ])('because no proxy takes that much metadata gets reply_too_large: %s', async (_title, trailing, inbox) => {
    const respond: Respond = (_request, sink) =>
      queueMicrotask(() => {
        sink.head({ status: 200, reason: null, headers: ['A', 'é'.repeat(trailing === 0 ? 131_000 : 10_000)] });
        sink.data(Buffer.from('x'));
        sink.end(trailing === 0 ? null : ['B', 'é'.repeat(trailing)]);
      });
    const { take, producer, called } = pipeline({ respond, inbox });
    take(record());
    await settled();
    expect(called).toHaveLength(1);
    expect(reply(producer)).toMatchObject({ status: 502, error: 'reply_too_large' });
    expect(deadLetterError(producer).message).toContain('a head of over 262144 bytes');
  });

  it('because version 1 can not carry the reply says so', async () => {
    const binary: Respond = (_request, sink) =>
      queueMicrotask(() => {
        sink.head({ status: 200, reason: null, headers: [] });
        sink.data(Buffer.from([0xff]));
        sink.end(null);
      });
    const { take, producer } = pipeline({ respond: binary });
    take(record({}, { version: 1 }));
    await settled();
    expect(reply(producer)).toMatchObject({ status: 501, error: 'not_supported' });
    expect(producer.to('dead')).toHaveLength(1);
  });
});
