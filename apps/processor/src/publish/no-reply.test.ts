import { DeadLetterError } from '@kafka-http-proxy/protocol';
import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { EVENTS, played } from '../testing/parts.js';
import { refused } from '../testing/pausing.js';
import { ok, pipeline } from '../testing/pipeline.js';
import { deadLetterError, letters } from '../testing/replies.js';
import { record } from '../testing/samples.js';

const UNHEARD = { method: 'POST', noReply: true, deadlineMs: 1_060_000 } as const;

describe('a request whose asker waits for no reply', () => {
  it('runs, and nothing is written but its offset', async () => {
    const { take, called, producer, stored, value } = pipeline({ respond: ok() });
    take(record({ offset: 4 }, { ...UNHEARD, reply: null }));
    await settled();
    expect(called).toHaveLength(1);
    expect(producer.tries).toEqual([]);
    expect(stored).toEqual([5]);
    expect(await value('processor_messages_total', { status: 'success' })).toBe(1);
  });

  it('becomes a dead letter where it fails, which says that nobody was told', async () => {
    const { take, clock, producer, stored } = pipeline({ respond: refused });
    take(record({}, UNHEARD));
    await clock.advance(60_000);
    expect(producer.tries).toEqual(['dead']);
    expect(deadLetterError(producer)).toMatchObject({ code: 'backend_unreachable', sent: 'no' });
    expect(deadLetterError(producer)).not.toHaveProperty('status');
    expect(stored).toEqual([1]);
  });

  it('is refused in silence, and kept', async () => {
    const { take, producer, stored } = pipeline({ inbox: false });
    take(record({}, { ...UNHEARD, more: true }));
    await settled();
    expect(producer.tries).toEqual(['dead']);
    expect(stored).toEqual([1]);
  });

  it('has a long answer read to its end, and nothing of it kept', async () => {
    const { take, calls, parts, stored, budget, clock } = played({ config: { kafka: { max_record_bytes: 1_024 } } });
    take(record({}, UNHEARD));
    await settled();
    const sink = calls[0]?.sink;
    sink?.head({ status: 200, reason: null, headers: [] });
    for (let i = 0; i < 50; i++) expect(sink?.data(Buffer.alloc(1_000))).toBe(true);
    await clock.advance(1_000);
    expect([budget.held('reply'), stored]).toEqual([0, []]);
    sink?.end(null);
    await settled();
    expect([parts(), stored]).toEqual([[], [1]]);
    expect(clock.waiting).toBe(0);
  });

  it('has an answer cut that goes on after its time, and was answered', async () => {
    const { take, calls, aborted, producer, stored, clock } = played();
    take(record({}, UNHEARD));
    await settled();
    calls[0]?.sink.head(EVENTS);
    await clock.advance(60_000);
    expect(aborted).toHaveBeenCalledOnce();
    expect([producer.tries, stored]).toEqual([[], [1]]);
  });

  it('fails where its answer breaks off', async () => {
    const { take, calls, producer, stored } = played({ config: { dead_letter_topic: 'dead' } });
    take(record({}, UNHEARD));
    await settled();
    calls[0]?.sink.head(EVENTS);
    calls[0]?.sink.failed({ kind: 'unreachable', sent: true, cause: new Error('reset') });
    await settled();
    expect(letters(producer)).toEqual([{ code: 'backend_unreachable', attempts: 1 }]);
    expect(stored).toEqual([1]);
  });
});

describe('a request that was sent again and fails again', () => {
  const replay = '{"v":1,"n":2,"run":"r"}';
  const earlier = '{"code":"timeout"}';
  const namesOf = (headers: readonly object[]) => headers.flatMap((header) => Object.keys(header));

  it('has in its letter the header that says so, and why it failed this time', async () => {
    const { take, clock, producer } = pipeline({ respond: refused });
    const again = record({}, UNHEARD);
    take({ ...again, headers: [...again.headers, { 'khp-replay': Buffer.from(replay) }] });
    await clock.advance(60_000);
    const headers = producer.to('dead')[0]?.headers ?? [];
    expect(namesOf(headers)).toEqual(['correlation_id', 'khp', 'khp-replay', 'khp-error']);
    expect(String(headers[2]?.['khp-replay'])).toBe(replay);
  });

  it('as it lay there has the new reason last, where it is looked for', async () => {
    const { take, clock, producer } = pipeline({ respond: refused });
    const raw = record({}, UNHEARD);
    take({ ...raw, headers: [...raw.headers, { 'khp-error': Buffer.from(earlier) }] });
    await clock.advance(60_000);
    const headers = producer.to('dead')[0]?.headers ?? [];
    expect(namesOf(headers)).toEqual(['correlation_id', 'khp', 'khp-error', 'khp-error']);
    expect(DeadLetterError.parse(JSON.parse(String(headers[3]?.['khp-error']))).code).toBe('backend_unreachable');
  });
});
