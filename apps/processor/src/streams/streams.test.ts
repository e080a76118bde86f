import type { OutgoingRecord } from '@kafka-http-proxy/kafka';
import {
  type ContinuationEnvelope,
  decodeInbox,
  encodeContinuationV2,
  type InboxRecord,
  NO_SEQUENCE,
  type Sequence,
} from '@kafka-http-proxy/protocol';
import { FIRST_WINDOW } from '@kafka-http-proxy/streams';
import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import type { BackendSink } from '../backend/backend.js';
import type { BackendRequest } from '../backend/backend-request.js';
import type { StreamedBody } from '../backend/request-body.js';
import { pipeline } from '../testing/pipeline.js';
import { record, topic } from '../testing/samples.js';

/** A pipeline whose backend is played by the test, one call at a time. */
function played(options: Parameters<typeof pipeline>[0] = {}) {
  const calls: { request: BackendRequest; sink: BackendSink }[] = [];
  const made = pipeline({ ...options, respond: (request, sink) => calls.push({ request, sink }) });
  const parts = (): InboxRecord[] => made.producer.to('responses').map(read);
  const fromProxy = (sequence: Partial<Sequence>, more: Partial<ContinuationEnvelope> = {}) => {
    const part = { correlationId: 'nonce123-1', error: null, body: null, trailers: null, ...more };
    const { value, headers } = encodeContinuationV2({ ...part, sequence: { ...NO_SEQUENCE, ...sequence } });
    made.conversations.take({
      ...record({ topic: 'khp-control', partition: 2, value }),
      headers: headers.map((one) => Object.fromEntries(Object.entries(one).map(([k, v]) => [k, Buffer.from(v)]))),
    });
  };
  return { ...made, calls, parts, fromProxy };
}

function read(sent: OutgoingRecord): InboxRecord {
  const found = decodeInbox(sent);
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

function head(part: InboxRecord | undefined) {
  if (part?.kind !== 'reply') throw new Error('no reply');
  return part.reply;
}

function later(part: InboxRecord | undefined): ContinuationEnvelope {
  if (part?.kind !== 'continuation') throw new Error('no continuation');
  return part.part;
}

const EVENTS = { status: 200, reason: null, headers: ['Content-Type', 'text/event-stream'] };
const CHUNKED = { status: 200, reason: null, headers: ['Content-Type', 'text/plain'] };

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

  it('is refused when there are too many, and the backend is told', async () => {
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

describe('a request whose body comes in parts', () => {
  const long = { method: 'PUT', more: true, body: Buffer.from('first,'), headers: ['Content-Length', '12'] } as const;

  /** Reads the streamed body as a backend would. */
  function reader({ body }: BackendRequest) {
    const got: string[] = [];
    const marks: string[] = [];
    const flushes: (() => void)[] = [];
    const reading = (body as StreamedBody).read({
      data(chunk, flushed) {
        got.push(chunk.toString());
        flushes.push(flushed);
        return true;
      },
      end: () => void marks.push('end'),
      broken: () => void marks.push('broken'),
    });
    return { got, marks, flushes, reading };
  }

  it('is claimed with the inbox and credit, and goes on to the backend as it comes', async () => {
    const { take, calls, parts, fromProxy, stored } = played();
    take(record({}, long));
    await settled();
    const claim = later(parts()[0]);
    expect(claim.sequence).toMatchObject({ inbox: { topic: 'khp-control', partition: 2 }, seq: null });
    expect(claim.sequence.credit).toBeGreaterThanOrEqual(FIRST_WINDOW);
    const { exec } = claim.sequence;
    const body = calls[0]?.request.body as StreamedBody;
    expect(body.length).toBe(12);
    const { got, marks } = reader(calls[0]?.request as BackendRequest);
    await settled();
    fromProxy({ exec, seq: 1 }, { body: Buffer.from('second') });
    fromProxy({ exec, seq: 1 }, { body: Buffer.from('second') });
    fromProxy({ exec, seq: 2, end: true });
    await settled();
    expect(got).toEqual(['first,', 'second']);
    expect(marks).toEqual(['end']);
    calls[0]?.sink.head({ status: 201, reason: null, headers: [] });
    calls[0]?.sink.end(null);
    await settled();
    expect(head(parts()[1])).toMatchObject({ status: 201, sequence: { ...NO_SEQUENCE, exec } });
    expect(stored).toEqual([1]);
  });

  it('holds no slot while it comes', async () => {
    const { take, calls, dispatcher } = played({ config: { max_concurrent_requests: 1 } });
    take(record({ offset: 0 }, long));
    take(record({ offset: 1 }));
    await settled();
    expect(calls).toHaveLength(2);
    expect(dispatcher.active).toBe(1);
  });

  it('can be sent again while its beginning is kept, and not after that', async () => {
    const { take, calls, parts, fromProxy, clock } = played({ config: { retry_buffer: 8 } });
    take(record({}, { ...long, deadlineMs: 9_000_000 }));
    await settled();
    reader(calls[0]?.request as BackendRequest);
    await settled();
    calls[0]?.sink.failed({ kind: 'unreachable', sent: true, cause: new Error('reset') });
    await clock.advance(200);
    expect(calls).toHaveLength(2);
    const { got } = reader(calls[1]?.request as BackendRequest);
    await settled();
    expect(got).toEqual(['first,']);
    const { exec } = later(parts()[0]).sequence;
    fromProxy({ exec, seq: 1 }, { body: Buffer.from('second') });
    await settled();
    calls[1]?.sink.failed({ kind: 'unreachable', sent: true, cause: new Error('reset') });
    await clock.advance(60_000);
    expect(calls).toHaveLength(2);
    expect(head(parts().at(-1))).toMatchObject({ status: 502 });
  });

  it('is not late while it gets on', async () => {
    const { take, calls, parts, fromProxy, clock } = played({ config: { topics: [topic({ timeout: 1 })] } });
    take(record({}, { ...long, deadlineMs: clock.now() + 1_000 }));
    await settled();
    const { exec } = later(parts()[0]).sequence;
    const { flushes } = reader(calls[0]?.request as BackendRequest);
    for (let seq = 1; seq <= 5; seq++) {
      await clock.advance(800);
      fromProxy({ exec, seq }, { body: Buffer.from('x') });
      flushes.pop()?.();
    }
    expect(parts().filter(({ kind }) => kind === 'reply')).toEqual([]);
    // The backend has all that came: it is the client that is late now.
    await clock.advance(1_000);
    expect(head(parts().at(-1))).toMatchObject({ status: 408, error: 'request_timeout' });
  });

  it('that waits for its client says nothing about the backend, and leaves no dead letter', async () => {
    const breaker = { threshold: 0.1, window: 1000, min_rps: 0, half_open_after: 1000 };
    const topics = [topic({ timeout: 1, circuit_breaker: breaker })];
    const { take, calls, parts, clock, value, producer } = played({ config: { topics } });
    for (let offset = 0; offset < 20; offset++) {
      take(record({ offset }, { ...long, correlationId: `nonce123-${offset}`, deadlineMs: clock.now() + 1_000 }));
      await settled();
      const { flushes } = reader(calls.at(-1)?.request as BackendRequest);
      await settled();
      flushes.pop()?.();
      await clock.advance(1_000);
    }
    const replies = parts().filter(({ kind }) => kind === 'reply');
    expect(replies).toHaveLength(20);
    for (const reply of replies) expect(head(reply)).toMatchObject({ status: 408 });
    expect(calls).toHaveLength(20);
    expect(await value('processor_backend_errors_total')).toBe(0);
    expect(producer.to('dead')).toEqual([]);
  });

  it('that the backend does not take is 504 as before', async () => {
    const { take, calls, parts, clock } = played({ config: { topics: [topic({ timeout: 1, max_retries: 1 })] } });
    take(record({}, { ...long, deadlineMs: clock.now() + 1_000 }));
    await settled();
    reader(calls[0]?.request as BackendRequest);
    await clock.advance(1_000);
    expect(head(parts().at(-1))).toMatchObject({ status: 504, error: 'backend_timeout' });
  });

  it.each([
    ['longer', 3],
    ['shorter', 100],
  ])('that is %s than its Content-Length never ends well at the backend', async (_what, length) => {
    const headers = ['Content-Length', String(length)];
    const { take, calls, fromProxy, parts, value } = played();
    take(record({}, { ...long, headers, body: Buffer.from('ab') }));
    await settled();
    const { exec } = later(parts()[0]).sequence;
    const { marks } = reader(calls[0]?.request as BackendRequest);
    fromProxy({ exec, seq: 1, end: true }, { body: Buffer.from('GET /smuggled HTTP/1.1') });
    await settled();
    expect(marks).toContain('broken');
    expect(marks).not.toContain('end');
    expect(await value('processor_messages_total', { status: 'success' })).toBe(0);
  });

  it.each([
    ['begins longer than', ['Content-Length', '1']],
    ['has two of', ['Content-Length', '50', 'content-length', '2']],
    ['has no number for', ['Content-Length', '5, 5']],
  ])('that %s its Content-Length is poison', async (_what, headers) => {
    const { take, calls, value } = played();
    take(record({}, { ...long, headers, body: Buffer.from('ab') }));
    await settled();
    expect(calls).toEqual([]);
    expect(await value('processor_poison_records_total', { fault: 'sequence' })).toBe(1);
  });

  it('is granted for each second in which the backend took some of it, however little', async () => {
    const { take, calls, parts, fromProxy, clock } = played();
    take(record({}, long));
    await settled();
    const { exec, credit } = later(parts()[0]).sequence;
    const { flushes } = reader(calls[0]?.request as BackendRequest);
    fromProxy({ exec, seq: 1 }, { body: Buffer.from('x') });
    await clock.advance(1_000);
    flushes.pop()?.();
    expect(later(parts()[1]).sequence.credit).toBeGreaterThan(credit ?? 0);
  });

  it('that the client breaks off is broken off at the backend, and nobody is told', async () => {
    const { take, calls, parts, fromProxy, aborted, producer, stored, value } = played();
    take(record({}, long));
    await settled();
    const { marks } = reader(calls[0]?.request as BackendRequest);
    fromProxy({ exec: later(parts()[0]).sequence.exec, cancel: true });
    await settled();
    expect(aborted).toHaveBeenCalled();
    expect(marks).not.toContain('end');
    expect(parts()).toHaveLength(1);
    expect(producer.to('dead')).toEqual([]);
    expect(stored).toEqual([1]);
    expect(await value('processor_cancelled_total')).toBe(1);
  });

  it('whose first processor was lost is dead-lettered as truncated', async () => {
    const { take, calls, parts, fromProxy, producer } = played();
    take(record({}, long));
    await settled();
    expect(calls).toHaveLength(1);
    fromProxy({ exec: later(parts()[0]).sequence.exec, cancel: true }, { error: 'processor_lost' });
    await settled();
    const error = producer.to('dead')[0]?.headers.at(-1)?.['khp-error'];
    expect(JSON.parse(String(error))).toMatchObject({ code: 'processor_lost', truncated: true });
    expect(producer.to('dead')[0]?.value?.toString()).toBe('first,');
  });

  it('of which a record is missing fails, rather than go on with a hole', async () => {
    const { take, calls, parts, fromProxy, aborted } = played();
    take(record({}, long));
    await settled();
    const { marks } = reader(calls[0]?.request as BackendRequest);
    fromProxy({ exec: later(parts()[0]).sequence.exec, seq: 2 }, { body: Buffer.from('third') });
    await settled();
    expect(marks).toEqual(['broken']);
    expect(aborted).toHaveBeenCalled();
  });
});

describe('a client that goes away', () => {
  it('ends the call to the backend; what changes something is dead-lettered, a read is not', async () => {
    for (const [method, letters] of [
      ['GET', 0],
      ['POST', 1],
    ] as const) {
      const { take, calls, fromProxy, aborted, producer, stored } = played();
      take(record({}, { method }));
      await settled();
      expect(calls).toHaveLength(1);
      fromProxy({ cancel: true });
      await settled();
      expect(aborted).toHaveBeenCalled();
      expect(producer.to('responses')).toEqual([]);
      expect(producer.to('dead')).toHaveLength(letters);
      expect(stored).toEqual([1]);
    }
  });

  it('before its request was taken up spares the backend the call', async () => {
    const { take, calls, fromProxy, stored } = played();
    fromProxy({ cancel: true });
    take(record());
    await settled();
    expect(calls).toEqual([]);
    expect(stored).toEqual([1]);
  });
});
