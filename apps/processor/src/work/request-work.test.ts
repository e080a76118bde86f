import { channel } from 'node:diagnostics_channel';
import { createCorrelationIds, decodeInbox, headerValue, shownId } from '@kafka-http-proxy/protocol';
import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { broken, ok, pipeline, type Respond } from '../testing/pipeline.js';
import { deadLetterError, reply } from '../testing/replies.js';
import { record, topic } from '../testing/samples.js';
import { HANDLED_CHANNEL, type Handled } from './handled.js';

describe('a request', () => {
  it('goes to the backend, and the answer to the address it names, without hop-by-hop headers', async () => {
    const { take, clock, producer, called, stored, logger, value } = pipeline({ respond: ok('hello') });
    take(record({ offset: 41 }, { target: '/a?b', deadlineMs: clock.now() + 5_000 }));
    await settled();
    expect(called[0]?.target).toBe('/a?b');
    expect(producer.sent[0]).toMatchObject({ topic: 'responses', partition: 3, key: null });
    expect(reply(producer)).toEqual({
      version: 2,
      correlationId: 'nonce123-1',
      status: 200,
      reason: null,
      headers: ['Content-Type', 'text/plain'],
      error: null,
      tookMs: 0,
      body: Buffer.from('hello'),
      trailers: null,
      sequence: null,
    });
    expect(stored).toEqual([42]);
    expect(logger.warn).not.toHaveBeenCalled();
    expect(await value('processor_messages_total', { topic: 'requests', status: 'success' })).toBe(1);
    expect(clock.waiting).toBe(0);
  });

  it('that comes back with its own Via is refused: no call, 508, no dead letter, and a code that 2.0.0 knows', async () => {
    const { take, called, producer, stored, value } = pipeline({ respond: ok() });
    take(record({}, { method: 'POST' }));
    await settled();
    const sent = called[0]?.headers ?? [];
    const via = sent.filter((_, i) => i % 2 === 1 && sent[i - 1] === 'Via');
    expect(via).toHaveLength(1);
    take(record({ offset: 1 }, { method: 'POST', headers: ['Via', `1.1 other, ${via[0]}`] }));
    await settled();
    expect(called).toHaveLength(1);
    const answer = decodeInbox(producer.to('responses')[1] as never);
    expect(answer).toMatchObject({ ok: true, value: { reply: { status: 508, error: 'processing_failed' } } });
    expect(JSON.stringify(answer)).not.toContain('other');
    expect(producer.to('dead')).toEqual([]);
    expect(stored).toEqual([1, 2]);
    expect(await value('processor_poison_records_total', { topic: 'requests', fault: 'loop' })).toBe(1);
  });

  it('shows of its id what may be seen, and writes all of it to Kafka alone', async () => {
    const { take, called, producer, logger } = pipeline({ respond: broken });
    const heard: Handled[] = [];
    const listener = (message: unknown) => heard.push(message as Handled);
    channel(HANDLED_CHANNEL).subscribe(listener);
    onTestFinished(() => void channel(HANDLED_CHANNEL).unsubscribe(listener));
    const ids = createCorrelationIds();
    const correlationId = ids.next();
    const shown = shownId(correlationId);
    take(record({}, { correlationId, method: 'POST' }));
    await settled();
    expect(headerValue(called[0]?.headers ?? [], 'x-request-id')).toBe(shown);
    expect(heard[0]?.correlationId).toBe(shown);
    expect(logger.warn.mock.calls[0]?.[0]).toMatchObject({ correlationId: shown });
    expect(reply(producer).correlationId).toBe(correlationId);
    const secret = correlationId.slice(shown.length + 1);
    expect(JSON.stringify([called, heard, logger.warn.mock.calls])).not.toContain(secret);
    expect(String(reply(producer).body)).not.toContain(secret);
  });

  it('of version 1 is answered in version 1, on the configured topic', async () => {
    const { take, producer } = pipeline({});
    take(record({}, { version: 1, headers: ['A', 'b'] }));
    await settled();
    expect(producer.sent[0]?.partition).toBeNull();
    expect(JSON.parse(String(producer.sent[0]?.value))).toMatchObject({ status_code: 200, body: 'fine' });
  });

  it('of version 2 without an address is answered on the configured topic', async () => {
    const { take, producer } = pipeline({});
    take(record({}, { reply: null }));
    await settled();
    expect(producer.sent[0]).toMatchObject({ topic: 'responses', partition: null });
    expect(reply(producer).version).toBe(2);
  });

  it('of version 1 has the topic’s timeout from its timestamp as its deadline', async () => {
    const { take, clock, called } = pipeline({ config: { topics: [topic({ timeout: 2 })] } });
    take(record({ offset: 0, timestampMs: clock.now() - 1_999 }, { version: 1 }));
    take(record({ offset: 1, timestampMs: clock.now() - 2_000 }, { version: 1 }));
    await settled();
    expect(called).toHaveLength(1);
  });

  it('is published on the diagnostics channel, when somebody listens', async () => {
    const { take, clock } = pipeline({});
    const heard: Handled[] = [];
    const listener = (message: unknown) => heard.push(message as Handled);
    channel(HANDLED_CHANNEL).subscribe(listener);
    onTestFinished(() => void channel(HANDLED_CHANNEL).unsubscribe(listener));
    take(record({ timestampMs: clock.now() - 7 }));
    await settled();
    expect(heard).toEqual([{ correlationId: 'nonce123-1', queueMs: 7, backendMs: 0, attempts: 1, status: 200 }]);
  });

  it('written in the future counts as clock skew', async () => {
    const { take, clock, value } = pipeline({});
    take(record({ offset: 0, timestampMs: clock.now() + 5 }, { deadlineMs: clock.now() + 100 }));
    take(record({ offset: 1, timestampMs: clock.now() }, { deadlineMs: clock.now() + 100 }));
    await settled();
    expect(await value('processor_clock_skew_total')).toBe(1);
  });
});

describe('a slot', () => {
  it('is given on when the backend has answered, before Kafka has the reply', async () => {
    const fate = (_to: string, nth: number) => (nth === 0 ? 'unavailable' : null);
    const { take, clock, called, stored } = pipeline({ fate, config: { max_concurrent_requests: 1 } });
    take(record({ offset: 0 }));
    take(record({ offset: 1 }));
    await settled();
    expect([called.length, stored]).toEqual([2, []]);
    await clock.advance(1_000);
    expect(stored).toEqual([2]);
  });
});

describe('the slots', () => {
  it('that a hanging backend takes are never all: another topic is served meanwhile', async () => {
    const topics = [topic(), topic({ request_topic: 'others', response_topic: 'replies' })];
    const respond: Respond = (request, sink) => request.target === '/hangs' || ok()(request, sink);
    const { take, rebalance, called, producer } = pipeline({ respond, config: { topics } });
    rebalance.assigned([{ topic: 'others', partition: 0 }]);
    for (let offset = 0; offset < 110; offset++) take(record({ offset }, { target: '/hangs' }));
    expect(called).toHaveLength(75);
    take(record({ topic: 'others' }, { reply: { topic: 'replies', partition: 0 } }));
    await settled();
    expect(producer.to('replies')).toHaveLength(1);
  });
});

describe('an expired request', () => {
  it.each([
    ['just now', 0, 1],
    ['29.9 s ago', 29_900, 1],
    ['30 s ago', 30_000, 0],
  ])(
    'that expired %s is not sent but dead-lettered, and answered only if somebody may wait',
    async (_title, agoMs, replies) => {
      const { take, clock, producer, called, stored, value } = pipeline({});
      take(record({ timestampMs: clock.now() - 60_000 }, { deadlineMs: clock.now() - agoMs }));
      await settled();
      expect(called).toEqual([]);
      expect(producer.to('responses')).toHaveLength(replies);
      expect(deadLetterError(producer).code).toBe('timeout');
      expect(stored).toEqual([1]);
      expect(await value('processor_expired_total')).toBe(1);
    },
  );
});
