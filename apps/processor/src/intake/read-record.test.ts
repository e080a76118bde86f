import { channel } from 'node:diagnostics_channel';
import { setImmediate as turn } from 'node:timers/promises';
import {
  createCorrelationIds,
  DeadLetterError,
  decodeInbox,
  encodeContinuationV2,
  headerValue,
  NO_SEQUENCE,
  type ReplyEnvelope,
  shownId,
} from '@kafka-http-proxy/protocol';
import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MemoryProducer } from '../testing/memory-producer.js';
import { broken, ok, pipeline, type Respond } from '../testing/pipeline.js';
import { record, topic } from '../testing/samples.js';
import { HANDLED_CHANNEL, type Handled } from '../work/handled.js';

/** The only reply that was written. */
function reply(producer: MemoryProducer, to = 'responses'): ReplyEnvelope {
  const records = producer.to(to);
  expect(records).toHaveLength(1);
  const read = decodeInbox(records[0] as NonNullable<(typeof records)[0]>);
  if (!read.ok || read.value.kind !== 'reply') throw new Error('no reply');
  return read.value.reply;
}

function deadLetterError(producer: MemoryProducer): DeadLetterError {
  const headers = producer.to('dead')[0]?.headers.at(-1) as Record<string, string>;
  return DeadLetterError.parse(JSON.parse(headers['khp-error'] as string));
}

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

  it('is told on the diagnostics channel, when somebody listens', async () => {
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

  it('because it names a reply topic that is not there is buried, which the letter and the log say', async () => {
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

  it('because version 1 can not carry the reply is told so', async () => {
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

describe('a request that is withdrawn while it waits for a slot', () => {
  const cancel = (id: string) => {
    const sequence = { ...NO_SEQUENCE, cancel: true };
    const { value, headers } = encodeContinuationV2({
      correlationId: id,
      sequence,
      error: null,
      body: null,
      trailers: null,
    });
    const buffers = headers.map((header) =>
      Object.fromEntries(Object.entries(header).map(([name, text]) => [name, Buffer.from(text)])),
    );
    return { ...record({ topic: 'khp-control' }), value, headers: buffers };
  };

  it('ends at once, and gives its memory back, while the slots are taken', async () => {
    const { take, conversations, called, stored, budget, value, producer } = pipeline({
      respond: () => undefined,
      config: { max_concurrent_requests: 1 },
    });
    take(record({ offset: 0 }));
    for (let offset = 1; offset < 100; offset++) {
      take(record({ offset }, { correlationId: `waits-${offset}`, headers: ['a', 'x'.repeat(10_000)] }));
    }
    expect(budget.reserved).toBeGreaterThan(99 * 20_000);
    for (let offset = 1; offset < 100; offset++) conversations.take(cancel(`waits-${offset}`));
    await turn();
    expect(called).toHaveLength(1);
    expect(budget.reserved).toBeLessThan(1_000);
    expect(await value('processor_cancelled_total')).toBe(99);
    expect([stored, producer.tries]).toEqual([[], []]);
  });

  it('before it was taken up does not wait for one either', async () => {
    const { take, conversations, dispatcher, called } = pipeline({
      respond: () => undefined,
      config: { max_concurrent_requests: 1 },
    });
    take(record({ offset: 0 }));
    conversations.take(cancel('soon'));
    await turn();
    take(record({ offset: 1 }, { correlationId: 'soon' }));
    await settled();
    expect([called.length, dispatcher.open()]).toEqual([1, 1]);
  });

  it('with the rest of its body elsewhere asks for none of it', async () => {
    const { take, conversations, producer } = pipeline({
      respond: () => undefined,
      config: { max_concurrent_requests: 1 },
    });
    take(record({ offset: 0 }));
    take(record({ offset: 1 }, { correlationId: 'long', more: true, method: 'POST', body: Buffer.from('a') }));
    conversations.take(cancel('long'));
    await turn();
    await settled();
    expect(producer.tries).toEqual([]);
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
  ])('because %s is not parsed, and buried as it is', async (_title, _name, metadata, body) => {
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

  it('because its body goes on in another control_topic is told so at once, and noted for a while', async () => {
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

  it('because its body goes on elsewhere, and there is no control topic to get it by, is told so', async () => {
    const { take, producer, called } = pipeline({ inbox: false });
    take(record({}, { more: true, body: Buffer.from('first') }));
    await settled();
    expect(called).toEqual([]);
    expect(reply(producer)).toMatchObject({ status: 413, error: 'body_too_large' });
    expect(String(reply(producer).body)).toContain('control_topic');
    expect(deadLetterError(producer)).toMatchObject({ code: 'body_too_large', truncated: true });
  });

  it('because its body goes on elsewhere, and the reader of that is being made anew, may come again', async () => {
    let there = true;
    const { take, producer, conversations } = pipeline({ inbox: () => there });
    expect(conversations.available()).toBe(true);
    there = false;
    take(record({}, { more: true, body: Buffer.from('first') }));
    await settled();
    expect(reply(producer)).toMatchObject({ status: 503, error: 'kafka_unavailable' });
  });
});

describe('partitions', () => {
  it('that are not ours are left alone', async () => {
    const { take, called } = pipeline({});
    take(record({ partition: 1 }));
    await settled();
    expect(called).toEqual([]);
  });

  it('of a topic that was deleted and made anew are served from their beginning', async () => {
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

  it('that come and go are told of in a line for all of them', async () => {
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
