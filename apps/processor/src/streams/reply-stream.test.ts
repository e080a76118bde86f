import { NO_SEQUENCE } from '@kafka-http-proxy/protocol';
import { FIRST_WINDOW } from '@kafka-http-proxy/streams';
import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import type { BackendSink } from '../backend/backend.js';
import { CHUNKED, EVENTS, head, later, played } from '../testing/parts.js';
import { record, topic } from '../testing/samples.js';

describe('a reply that streams', () => {
  it('of events starts with its head at once, and each event follows as it comes', async () => {
    const { take, calls, parts, stored, clock } = played();
    take(record({ offset: 6 }));
    await settled();
    calls[0]?.sink.head(EVENTS);
    await settled();
    expect(head(parts()[0])).toMatchObject({ status: 200, body: null, sequence: { seq: 0, end: false } });
    expect(head(parts()[0]).sequence?.inbox).toEqual({ topic: 'khp-control', partition: 2 });
    // The client has its answer: what comes now is no reason to do it again.
    expect(stored).toEqual([7]);
    await clock.advance(50);
    calls[0]?.sink.data(Buffer.from('data: 1\n\n'));
    await settled();
    expect(later(parts()[1])).toMatchObject({ body: Buffer.from('data: 1\n\n'), sequence: { seq: 1, end: false } });
    calls[0]?.sink.data(Buffer.from('data: 2\n\n'));
    calls[0]?.sink.data(Buffer.from('data: 3\n\n'));
    await clock.advance(5);
    expect(later(parts()[2]).body?.toString()).toBe('data: 2\n\ndata: 3\n\n');
    calls[0]?.sink.end(['X-T', '1']);
    await settled();
    expect(later(parts()[3])).toMatchObject({ body: null, trailers: ['X-T', '1'], sequence: { seq: 3, end: true } });
    const execs = parts().map((part) => (part.kind === 'reply' ? part.reply.sequence?.exec : part.part.sequence.exec));
    expect(new Set(execs).size).toBe(1);
  });

  it('stays one record when it is whole in time', async () => {
    const { take, calls, parts, clock } = played();
    take(record());
    await settled();
    calls[0]?.sink.head(CHUNKED);
    calls[0]?.sink.data(Buffer.from('a'));
    await clock.advance(4);
    calls[0]?.sink.data(Buffer.from('b'));
    calls[0]?.sink.end(null);
    await settled();
    expect(parts()).toHaveLength(1);
    expect(head(parts()[0])).toMatchObject({ body: Buffer.from('ab'), sequence: null });
    expect(clock.waiting).toBe(0);
  });

  it('of an announced length that fits is given longer to be whole', async () => {
    const { take, calls, parts, clock } = played();
    take(record());
    await settled();
    calls[0]?.sink.head({ ...CHUNKED, headers: ['Content-Length', '2'] });
    await clock.advance(99);
    expect(parts()).toEqual([]);
    await clock.advance(1);
    expect(head(parts()[0]).sequence).toMatchObject({ seq: 0 });
  });

  it('goes no further than the proxy has granted, and holds the backend back meanwhile', async () => {
    const { take, calls, parts, fromProxy, clock, resumed } = played();
    take(record());
    await settled();
    const sink = calls[0]?.sink as BackendSink;
    sink.head({ ...CHUNKED, headers: ['Content-Length', '3000000'] });
    await settled();
    let held = false;
    for (let i = 0; i < 12 && !held; i++) held = !sink.data(Buffer.alloc(65_536));
    expect(held).toBe(true);
    await clock.advance(100);
    const sent = () =>
      parts().reduce((sum, one) => sum + ((one.kind === 'reply' ? one.reply.body : one.part.body)?.length ?? 0), 0);
    expect(sent()).toBe(FIRST_WINDOW);
    expect(sink.data(Buffer.alloc(65_536))).toBe(false);
    resumed.mockClear();
    const exec = head(parts()[0]).sequence?.exec ?? null;
    fromProxy({ exec: 'another', credit: 10_000_000 });
    await clock.advance(10);
    expect(sent()).toBe(FIRST_WINDOW);
    expect(resumed).not.toHaveBeenCalled();
    fromProxy({ exec, credit: 1_000_000 });
    await clock.advance(10);
    expect(sent()).toBe(5 * 65_536);
    expect(resumed).toHaveBeenCalled();
  });

  it('whose backend breaks off ends with an error, not as if it were whole', async () => {
    const { take, calls, parts, cut, value, conversations } = played();
    take(record());
    await settled();
    calls[0]?.sink.head(EVENTS);
    await settled();
    calls[0]?.sink.failed({ kind: 'unreachable', sent: true, cause: new Error('reset') });
    await settled();
    expect(later(parts()[1])).toMatchObject({ error: 'backend_unreachable', sequence: { seq: 1, end: true } });
    expect(cut).toHaveBeenCalledOnce();
    expect(await value('processor_streams_cut_total')).toBe(1);
    expect(conversations.size).toBe(0);
  });

  it('that nobody wants any more ends at its backend, and sends nothing', async () => {
    const { take, calls, parts, fromProxy, aborted, conversations, budget, cut } = played();
    take(record());
    await settled();
    calls[0]?.sink.head(EVENTS);
    await settled();
    fromProxy({ exec: head(parts()[0]).sequence?.exec ?? null, cancel: true });
    await settled();
    expect(aborted).toHaveBeenCalled();
    calls[0]?.sink.data(Buffer.from('late'));
    await settled();
    expect(parts()).toHaveLength(1);
    expect(conversations.size).toBe(0);
    expect(budget.streams).toBe(0);
    expect(cut).not.toHaveBeenCalled();
  });

  it('gives signs of life while it is idle, and ends when the proxy gives none', async () => {
    const { take, calls, parts, aborted, clock, conversations } = played({ config: { stream_idle_timeout: 6 } });
    take(record());
    await settled();
    calls[0]?.sink.head(EVENTS);
    await clock.advance(5_000);
    expect(parts().length).toBeGreaterThanOrEqual(3);
    expect(later(parts()[1]).sequence).toEqual({ ...NO_SEQUENCE, exec: head(parts()[0]).sequence?.exec });
    expect(aborted).not.toHaveBeenCalled();
    await clock.advance(1_000);
    expect(aborted).toHaveBeenCalled();
    expect(conversations.size).toBe(0);
    expect(clock.waiting).toBe(0);
  });

  it('is refused when there are too many, and its backend is stopped', async () => {
    const { take, calls, parts, aborted } = played({ config: { max_streams: 1 } });
    take(record({ offset: 0 }, { correlationId: 'one' }));
    take(record({ offset: 1 }, { correlationId: 'two' }));
    await settled();
    for (const { sink } of calls) sink.head(EVENTS);
    await settled();
    expect(head(parts()[0])).toMatchObject({ correlationId: 'one', status: 200 });
    expect(head(parts()[1])).toMatchObject({ correlationId: 'two', status: 503, error: 'overloaded' });
    expect(aborted).toHaveBeenCalledOnce();
  });

  it('holds no slot, but its key', async () => {
    const { take, calls, dispatcher } = played({
      config: { max_concurrent_requests: 1, topics: [topic({ ordering: 'key' })] },
    });
    take(record({ offset: 0, key: Buffer.from('k') }));
    take(record({ offset: 1, key: null }, { target: '/other' }));
    take(record({ offset: 2, key: Buffer.from('k') }, { target: '/next' }));
    await settled();
    calls[0]?.sink.head(EVENTS);
    await settled();
    expect(calls.map(({ request }) => request.target)).toEqual(['/', '/other']);
    expect(dispatcher.active).toBe(1);
    calls[1]?.sink.head(CHUNKED);
    calls[1]?.sink.end(null);
    await settled();
    expect(calls).toHaveLength(2);
    calls[0]?.sink.end(null);
    await settled();
    expect(calls.map(({ request }) => request.target)).toEqual(['/', '/other', '/next']);
  });

  it('is not begun for a status that may lead to another attempt', async () => {
    const { take, calls, parts, clock } = played({ config: { topics: [topic({ retry_statuses: [503] })] } });
    take(record({}, { deadlineMs: 2_000_000 }));
    await settled();
    calls[0]?.sink.head({ ...EVENTS, status: 503 });
    await clock.advance(50);
    expect(parts()).toEqual([]);
    calls[0]?.sink.end(null);
    await clock.advance(200);
    expect(calls).toHaveLength(2);
  });
});
