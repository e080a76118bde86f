import { settled } from '@kafka-http-proxy/streams/testing';
import { eventsOf, factsOf, kindOf } from '@kafka-http-proxy/tracing/testing';
import { describe, expect, it } from 'vitest';
import { ok, pipeline, type Respond } from '../testing/pipeline.js';
import { record, topic } from '../testing/samples.js';
import { asParent, contextAt, PROXY, SAMPLED, TRACE_ID, traced, traceparentOf, UNSAMPLED } from '../testing/traced.js';

describe('a sampled request', () => {
  it('has spans of its queue, its processing, its attempt and its reply, in one tree', async () => {
    const { take, clock, tracing } = traced();
    // Its partition was ours when it was written.
    await clock.advance(100);
    take(record({ offset: 41, timestampMs: clock.now() - 7 }, { trace: SAMPLED }));
    await settled();
    const [queue, process] = [tracing.one('queue requests'), tracing.one('process requests')];
    const [attempt, send] = [tracing.one('GET'), tracing.one('send responses')];
    expect(tracing.ended).toHaveLength(4);
    expect(tracing.open.size).toBe(0);
    expect([queue, process, attempt, send].map(kindOf)).toEqual(['internal', 'consumer', 'client', 'producer']);
    expect([queue.parentId, process.parentId]).toEqual([PROXY.spanId, PROXY.spanId]);
    expect([attempt.parentId, send.parentId]).toEqual([process.spanId, process.spanId]);
    expect(tracing.ended.every(({ trace, failed }) => trace.traceId === TRACE_ID && !failed)).toBe(true);
    expect([queue.startMs, queue.endMs]).toEqual([clock.now() - 7, process.startMs]);
    // One message, one consumer: its context is the parent, and the link that the conventions ask for.
    expect([process.linked, queue.linked, attempt.linked, send.linked]).toEqual([[PROXY], null, null, null]);
    expect(eventsOf(process)).toEqual([]);
    expect(factsOf(process)).toMatchObject({
      'messaging.destination.name': 'requests',
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 41,
      'messaging.consumer.group.name': 'processor-requests',
      'messaging.client.id': 'tested',
    });
    expect(Object.keys(factsOf(process))).not.toContain('error.type');
  });

  it('is passed on as a child of its attempt, and its tracestate as it came', async () => {
    const { take, called, producer, tracing } = traced();
    take(record({}, { trace: SAMPLED }));
    await settled();
    expect(contextAt(called[0]?.headers ?? [])).toEqual([asParent(tracing.one('GET')), 'vendor=1']);
    expect(traceparentOf(producer.to('responses')[0])).toBe(asParent(tracing.one('send responses')));
  });

  it('says where its attempt went, without the query', async () => {
    const backend = topic({ backend_url: 'http://backend.test:8080/base' });
    const { take, tracing } = traced({ config: { topics: [backend] } });
    take(record({}, { trace: SAMPLED, method: 'POST', target: '/a?token=secret' }));
    await settled();
    expect(factsOf(tracing.one('POST'))).toEqual({
      'http.request.method': 'POST',
      'server.address': 'backend.test',
      'server.port': 8080,
      'url.full': 'http://backend.test:8080/base/a',
      'http.response.status_code': 200,
    });
  });

  it('has a span for each attempt, each the parent of what its backend does', async () => {
    const respond: Respond = (request, sink) => {
      if (calls++ > 0) return ok()(request, sink);
      sink.head({ status: 503, reason: null, headers: [] });
      sink.end(null);
    };
    let calls = 0;
    const { take, clock, called, tracing } = traced({
      respond,
      config: { topics: [topic({ retry_statuses: [503] })] },
    });
    take(record({}, { trace: SAMPLED, deadlineMs: clock.now() + 60_000 }));
    await settled();
    await clock.advance(5_000);
    const attempts = tracing.ended.filter(({ name }) => name === 'GET');
    expect(attempts.map((span) => [factsOf(span)['http.request.resend_count'], span.failed])).toEqual([
      [undefined, true],
      [1, false],
    ]);
    expect(attempts.map((span) => factsOf(span)['error.type'])).toEqual(['503', undefined]);
    expect(called.map(({ headers }) => contextAt(headers)[0])).toEqual(attempts.map(asParent));
    expect(tracing.one('process requests').failed).toBe(false);
  });

  it('has no span of a queue where the clocks disagree', async () => {
    const { take, clock, tracing } = traced();
    take(record({ timestampMs: clock.now() + 5 }, { trace: SAMPLED }));
    await settled();
    expect(tracing.ended.map(({ name }) => name)).not.toContain('queue requests');
    expect(tracing.one('process requests').endMs).toBeGreaterThan(0);
  });

  it('that an earlier owner of its partition may have begun says so', async () => {
    const { take, clock, tracing } = traced();
    take(record({ timestampMs: clock.now() - 1 }, { trace: SAMPLED }));
    await settled();
    expect(eventsOf(tracing.one('process requests'))).toEqual(['redelivered']);
  });
});

describe('a request of no trace', () => {
  it.each([
    ['no context', null],
    ['a broken one', { traceparent: '00-nonsense' }],
  ])('with %s begins one of its own, of which its process is the root', async (_title, trace) => {
    const { take, called, tracing } = traced();
    take(record({}, { trace }));
    await settled();
    const process = tracing.one('process requests');
    expect([process.parentId, process.linked]).toEqual(['', null]);
    expect(contextAt(called[0]?.headers ?? [])[0]).toBe(asParent(tracing.one('GET')));
    expect(tracing.decided).toBe(1);
  });
});

describe('a request that is not sampled', () => {
  it('has no span, and its backend gets its trace id', async () => {
    const { take, called, tracing } = traced();
    take(record({}, { trace: UNSAMPLED }));
    await settled();
    expect([tracing.ended, tracing.open.size]).toEqual([[], 0]);
    expect(contextAt(called[0]?.headers ?? [])).toEqual([UNSAMPLED.traceparent, 'vendor=1']);
  });

  it('and came without a context is passed on with one that says so', async () => {
    const { take, called, tracing } = traced({ begins: false });
    take(record({}, { trace: null }));
    await settled();
    expect(tracing.ended).toEqual([]);
    expect(contextAt(called[0]?.headers ?? [])[0]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it('is answered, and sent to its backend, byte for byte as without tracing', async () => {
    const seen = [pipeline({}), traced()].map(async ({ take, called, producer }) => {
      take(record({}, { trace: UNSAMPLED, headers: ['B', '1', 'a', '2', 'B', '3'] }));
      await settled();
      return [producer.sent, called.map(({ headers }) => headers.filter((text) => !text.includes('kafka-processor')))];
    });
    const [off, on] = await Promise.all(seen);
    expect(on).toEqual(off);
  });
});

describe('without tracing', () => {
  it('a sampled context passes as it came, and no reply names a span', async () => {
    const { take, called, producer } = pipeline({});
    take(record({}, { trace: SAMPLED }));
    await settled();
    expect(contextAt(called[0]?.headers ?? [])).toEqual([SAMPLED.traceparent, SAMPLED.tracestate]);
    expect(traceparentOf(producer.to('responses')[0]) ?? null).toBeNull();
  });
});
