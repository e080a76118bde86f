import { settled } from '@kafka-http-proxy/streams/testing';
import { eventsOf, factsOf } from '@kafka-http-proxy/tracing/testing';
import { describe, expect, it } from 'vitest';
import type { BackendSink } from '../backend/backend.js';
import { CHUNKED, EVENTS, head } from '../testing/parts.js';
import { record } from '../testing/samples.js';
import { asParent, SAMPLED, TRACE_ID, tracedParts, traceparentOf, UNSAMPLED } from '../testing/traced.js';

describe('a sampled reply that streams', () => {
  it('has one span for its first record, none for the others, and its bytes at the end', async () => {
    const { take, calls, producer, clock, tracing } = tracedParts();
    take(record({}, { trace: SAMPLED }));
    await settled();
    calls[0]?.sink.head(EVENTS);
    await settled();
    const send = tracing.one('send responses');
    expect(tracing.ended.map(({ name }) => name)).not.toContain('process requests');
    calls[0]?.sink.data(Buffer.from('data: 1\n\n'));
    await clock.advance(10);
    calls[0]?.sink.data(Buffer.from('data: 2\n\n'));
    calls[0]?.sink.end(null);
    await clock.advance(10);
    const process = tracing.one('process requests');
    expect(tracing.one('send responses')).toBe(send);
    expect(producer.to('responses').length).toBeGreaterThan(1);
    expect(producer.to('responses').map((one) => traceparentOf(one) ?? null)).toEqual(
      producer.to('responses').map((_one, nth) => (nth === 0 ? asParent(send) : null)),
    );
    expect([process.failed, eventsOf(process), factsOf(process)['khp.stream.bytes']]).toEqual([
      false,
      ['first_record'],
      18,
    ]);
    expect(tracing.open.size).toBe(0);
  });

  it('says that it waited for credit', async () => {
    const { take, calls, clock, fromProxy, parts, tracing } = tracedParts();
    take(record({}, { trace: SAMPLED }));
    await settled();
    const sink = calls[0]?.sink as BackendSink;
    sink.head({ ...CHUNKED, headers: ['Content-Length', '3000000'] });
    await settled();
    for (let held = false, i = 0; i < 12 && !held; i++) held = !sink.data(Buffer.alloc(65_536));
    await clock.advance(100);
    fromProxy({ exec: head(parts()[0]).sequence?.exec ?? null, cancel: true });
    await settled();
    expect(eventsOf(tracing.one('process requests'))).toContain('credit_exhausted');
  });

  it('that breaks off has our code, and the ids of its trace for the log', async () => {
    const { take, calls, cut, tracing } = tracedParts();
    take(record({}, { trace: SAMPLED }));
    await settled();
    calls[0]?.sink.head(EVENTS);
    await settled();
    calls[0]?.sink.failed({ kind: 'unreachable', sent: true, cause: new Error('reset') });
    await settled();
    const process = tracing.one('process requests');
    const ids = { trace_id: TRACE_ID, span_id: process.spanId, trace_flags: '01' };
    expect(cut.mock.calls).toEqual([['nonce123-1', 'backend_unreachable', expect.anything(), ids]]);
    expect([process.failed, factsOf(process)['error.type']]).toEqual([true, 'backend_unreachable']);
  });

  it('that nobody wants any more ends, and is no failure', async () => {
    const { take, calls, parts, fromProxy, tracing } = tracedParts();
    take(record({}, { trace: SAMPLED }));
    await settled();
    calls[0]?.sink.head(EVENTS);
    await settled();
    fromProxy({ exec: head(parts()[0]).sequence?.exec ?? null, cancel: true });
    await settled();
    expect(tracing.one('process requests').failed).toBe(false);
    expect(tracing.open.size).toBe(0);
  });
});

describe('a reply that streams and is not sampled', () => {
  it('names no span in any of its records', async () => {
    const { take, calls, producer, clock, tracing } = tracedParts();
    take(record({}, { trace: UNSAMPLED }));
    await settled();
    calls[0]?.sink.head(EVENTS);
    calls[0]?.sink.data(Buffer.from('data: 1\n\n'));
    await clock.advance(10);
    calls[0]?.sink.end(null);
    await settled();
    expect(producer.to('responses').every((one) => (traceparentOf(one) ?? null) === null)).toBe(true);
    expect(tracing.ended).toEqual([]);
  });
});
