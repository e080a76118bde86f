import { settled } from '@kafka-http-proxy/streams/testing';
import { eventsOf, factsOf, kindOf, type RecordingTracing, recordingTracing } from '@kafka-http-proxy/tracing/testing';
import { describe, expect, it } from 'vitest';
import { pausing } from '../testing/pausing.js';
import { broken, ok, pipeline, type Respond } from '../testing/pipeline.js';
import { deadLetterError, reply } from '../testing/replies.js';
import { record } from '../testing/samples.js';
import { SAMPLED, TRACE_ID, traced, traceparentOf, UNSAMPLED } from '../testing/traced.js';

const POST = { method: 'POST', trace: SAMPLED };

describe('a sampled request that fails', () => {
  it('has our code at its process and at its attempt, and a span of its dead letter', async () => {
    const { take, producer, tracing } = traced({ respond: broken });
    take(record({}, POST));
    await settled();
    const process = tracing.one('process requests');
    const letter = tracing.one('send dead');
    expect([process.failed, factsOf(process)['error.type']]).toEqual([true, 'backend_unreachable']);
    expect([tracing.one('POST').failed, factsOf(tracing.one('POST'))['error.type']]).toEqual([
      true,
      'backend_unreachable',
    ]);
    expect([kindOf(letter), letter.parentId, letter.failed]).toEqual(['producer', process.spanId, false]);
    expect(tracing.one('send responses').failed).toBe(false);
    // The letter keeps the context of its request.
    expect(traceparentOf(producer.to('dead')[0])).toBe(SAMPLED.traceparent);
    expect(deadLetterError(producer).trace).toBe(TRACE_ID);
  });

  it('and came without a context has the id of the trace that was begun in its letter', async () => {
    const { take, producer, tracing } = traced({ respond: broken });
    take(record({}, { ...POST, trace: null }));
    await settled();
    expect(deadLetterError(producer).trace).toBe(tracing.one('process requests').trace.traceId);
  });

  it('has the ids of its process in its line of the log', async () => {
    const { take, logger, tracing } = traced({ respond: broken });
    take(record({}, POST));
    await settled();
    const ids = { trace_id: TRACE_ID, span_id: tracing.one('process requests').spanId, trace_flags: '01' };
    expect(logger.warn.mock.calls[0]?.[0]).toMatchObject(ids);
  });

  it('by the status of its backend has that at its attempt alone', async () => {
    const respond: Respond = (_request, sink) => {
      sink.head({ status: 404, reason: null, headers: [] });
      sink.end(null);
    };
    const { take, tracing } = traced({ respond });
    take(record({}, { trace: SAMPLED }));
    await settled();
    expect([tracing.one('GET').failed, factsOf(tracing.one('GET'))['error.type']]).toEqual([true, '404']);
    expect(tracing.one('process requests').failed).toBe(false);
  });

  it('since it had expired says so, and has no attempt', async () => {
    const { take, clock, tracing } = traced();
    take(record({}, { ...POST, deadlineMs: clock.now() }));
    await settled();
    const process = tracing.one('process requests');
    expect([eventsOf(process), process.failed, factsOf(process)['error.type']]).toEqual([['expired'], true, 'timeout']);
    expect(tracing.ended.map(({ name }) => name)).not.toContain('POST');
  });

  it('by a reply that Kafka refuses has the code of that, though its backend answered', async () => {
    const fate = (to: string, nth: number) => (to === 'responses' && nth === 0 ? 'too_large' : null);
    const { take, producer, tracing } = traced({ fate });
    take(record({}, POST));
    await settled();
    expect(reply(producer).status).toBe(502);
    const sends = tracing.ended.filter(({ name }) => name === 'send responses');
    expect(sends.map((span) => [span.failed, factsOf(span)['error.type']])).toEqual([
      [true, 'too_large'],
      [false, undefined],
    ]);
    const process = tracing.one('process requests');
    expect([process.failed, factsOf(process)['error.type']]).toEqual([true, 'reply_too_large']);
  });

  it.each([
    ['went', false],
    ['was lost', true],
  ])('as its partition %s ends as lost, with what it waited for', async (_title, lost) => {
    const { take, clock, rebalance, tracing } = traced({ fate: () => 'unavailable' });
    take(record({}, { ...POST, deadlineMs: clock.now() + 60_000 }));
    await settled();
    const revoked = rebalance.revoked([{ topic: 'requests', partition: 0 }], lost);
    await settled();
    await revoked;
    const process = tracing.one('process requests');
    expect([process.failed, factsOf(process)['error.type']]).toEqual([true, 'processor_lost']);
    expect(factsOf(tracing.one('send responses'))['error.type']).toBe('abandoned');
    expect(tracing.open.size).toBe(0);
  });
});

describe('a failure that is not sampled', () => {
  it('has its trace in the log and the letter, and no span', async () => {
    const { take, producer, logger, tracing } = traced({ respond: broken });
    take(record({}, { ...POST, trace: UNSAMPLED }));
    await settled();
    const facts = logger.warn.mock.calls[0]?.[0];
    expect(facts).toMatchObject({ trace_id: TRACE_ID, trace_flags: '00' });
    expect(facts).not.toHaveProperty('span_id');
    expect(deadLetterError(producer).trace).toBe(TRACE_ID);
    expect(tracing.ended).toEqual([]);
  });

  it('adds nothing to the log where tracing is off', async () => {
    const { take, logger } = pipeline({ respond: broken });
    take(record({}, POST));
    await settled();
    expect(Object.keys(logger.warn.mock.calls[0]?.[0]).filter((name) => /trace|span/.test(name))).toEqual([]);
  });
});

describe('a sampled request that its topic holds', () => {
  it('says so, and is one process from its first turn to its last', async () => {
    let tracing = null as RecordingTracing | null;
    const { ask, open, backend, clock } = pausing({}, 10, {
      traced(by) {
        tracing = recordingTracing(by.now);
        return tracing;
      },
    });
    await open();
    const before = tracing?.ended.length;
    ask('waits', { trace: SAMPLED });
    await clock.advance(12_000);
    backend(ok());
    await clock.advance(20_000);
    const after = (tracing?.ended ?? []).slice(before).filter(({ name }) => name !== 'GET');
    expect(after.map(({ name }) => name)).toEqual(['queue requests', 'send responses', 'process requests']);
    expect(new Set(eventsOf(after[2] as never))).toEqual(new Set(['held']));
    expect(after[2]?.failed).toBe(false);
  });
});
