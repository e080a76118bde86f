import { NO_SEQUENCE } from '@kafka-http-proxy/protocol';
import { FIRST_WINDOW } from '@kafka-http-proxy/streams';
import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import type { BackendRequest } from '../backend/backend-request.js';
import type { StreamedBody } from '../backend/request-body.js';
import { head, later, played } from '../testing/parts.js';
import { record, topic } from '../testing/samples.js';

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

  it('that the client breaks off is broken off at the backend, and nobody gets an answer', async () => {
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
