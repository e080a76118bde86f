import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIRST_WINDOW, type Part } from './part.js';
import { SequenceReceiver } from './receiver.js';
import { SequenceSender, type SequenceSenderOptions } from './sender.js';
import { FakeClock, settled } from './testing/fake-clock.js';

/** A sender and a receiver with records between them that the test lets through. */
function pair(change: Partial<SequenceSenderOptions> = {}, window = 1_000) {
  const clock = new FakeClock();
  const records: Part[] = [];
  const settles: ((error: Error | null) => void)[] = [];
  const received: Buffer[] = [];
  const outcome: unknown[] = [];
  const events: string[] = [];
  const sender = new SequenceSender({
    send(part, done) {
      records.push(part);
      settles.push(done);
    },
    firstSeq: 0,
    sentBytes: 0,
    credit: FIRST_WINDOW,
    recordBytes: 100,
    flushMs: 5,
    maxUnacknowledged: () => Number.POSITIVE_INFINITY,
    clock,
    drained: () => void events.push('drained'),
    failed: () => void events.push('failed'),
    finished: () => void events.push('finished'),
    ...change,
  });
  const receiver: SequenceReceiver = new SequenceReceiver({
    sink: {
      data: (chunk) => void received.push(chunk),
      end: (trailers) => void outcome.push({ end: trailers }),
      failed: (reason) => void outcome.push(reason),
    },
    firstSeq: 0,
    receivedBytes: 0,
    granted: change.credit ?? FIRST_WINDOW,
    window: () => window,
    grant: (offset) => sender.grant(offset),
  });
  return { clock, records, settles, received, outcome, events, sender, receiver };
}

const text = (parts: Part[]) => parts.map(({ body }) => body?.toString() ?? '');

describe('a sequence', () => {
  it('gives the bytes back as they were, however they are cut, granted and doubled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 }),
        // A window is never smaller than four times the least that a record is made for.
        fc.integer({ min: 100, max: 400 }),
        fc.infiniteStream(fc.boolean()),
        async (chunks, window, twice) => {
          const { clock, records, settles, received, outcome, sender, receiver } = pair({ credit: 50 }, window);
          for (const chunk of chunks) sender.write(Buffer.from(chunk));
          sender.end(['X-T', '1']);
          for (let i = 0; outcome.length === 0; i++) {
            await settled();
            const part = records[i];
            if (part === undefined) throw new Error('it stands still');
            settles[i]?.(null);
            receiver.take(part);
            if (twice.next().value === true) receiver.take(part);
            receiver.consumed(part.body?.length ?? 0);
          }
          expect(Buffer.concat(received)).toEqual(Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))));
          expect(outcome).toEqual([{ end: ['X-T', '1'] }]);
          expect(records.map(({ seq }) => seq)).toEqual(records.map((_, i) => i));
          expect(clock.waiting).toBe(0);
        },
      ),
    );
  });

  it('is one record when it ends in the turn in which it began', async () => {
    const { records, sender } = pair();
    sender.write(Buffer.from('ab'));
    sender.end();
    await settled();
    expect(records).toEqual([{ seq: 0, end: true, error: null, body: Buffer.from('ab'), trailers: null }]);
  });

  it('sends the first bytes after a pause at once, and puts what follows together', async () => {
    const { clock, records, sender } = pair();
    sender.write(Buffer.from('a'));
    await settled();
    expect(text(records)).toEqual(['a']);
    sender.write(Buffer.from('b'));
    sender.write(Buffer.from('c'));
    await clock.advance(4);
    expect(text(records)).toEqual(['a']);
    await clock.advance(1);
    expect(text(records)).toEqual(['a', 'bc']);
  });

  it('holds back at a record’s worth that may not leave, and says when there is room', async () => {
    const { records, events, sender } = pair({ credit: 0 });
    expect(sender.write(Buffer.alloc(60))).toBe(true);
    expect(sender.write(Buffer.alloc(60))).toBe(false);
    await settled();
    expect(records).toEqual([]);
    sender.grant(100);
    expect(records.map(({ body }) => body?.length)).toEqual([100]);
    expect(events).toEqual(['drained']);
  });

  it('has no more on its way to Kafka than it may', async () => {
    const { records, settles, sender } = pair({ maxUnacknowledged: () => 100 });
    sender.write(Buffer.alloc(250));
    await settled();
    expect(records).toHaveLength(1);
    settles[0]?.(null);
    expect(records).toHaveLength(2);
  });

  it('has no more than four full records on their way, however much was granted', async () => {
    const { records, settles, sender } = pair();
    sender.write(Buffer.alloc(1000));
    await settled();
    expect(records).toHaveLength(4);
    settles[0]?.(null);
    expect(records).toHaveLength(5);
  });

  it('sends an empty first record for a head that must not wait', () => {
    const { records, sender } = pair();
    sender.open();
    expect(records).toEqual([{ seq: 0, end: false, error: null, body: null, trailers: null }]);
  });

  it('sends nothing behind a record that Kafka did not take', async () => {
    const { records, settles, events, sender } = pair();
    sender.open();
    settles[0]?.(new Error('gone'));
    sender.write(Buffer.from('x'));
    sender.end();
    await settled();
    expect(records).toHaveLength(1);
    expect(events).toEqual(['failed']);
  });

  it('that is broken off ends with the reason, whatever is left', async () => {
    const { records, settles, outcome, receiver, sender, events } = pair({ credit: 0, firstSeq: 0 });
    sender.write(Buffer.from('kept back'));
    sender.fail('backend_unreachable');
    sender.fail('backend_unreachable');
    await settled();
    expect(records).toHaveLength(1);
    for (const part of records) receiver.take(part);
    expect(outcome).toEqual(['backend_unreachable']);
    settles[0]?.(null);
    expect(events).toEqual(['finished']);
  });
});

describe('a receiver', () => {
  it('tells its last grant again when asked, also behind the end: the peer must not take it for gone', () => {
    const grants: number[] = [];
    const receiver = new SequenceReceiver({
      sink: { data: () => undefined, end: () => undefined, failed: () => undefined },
      firstSeq: 0,
      receivedBytes: 0,
      granted: 0,
      window: () => 100,
      grant: (offset) => void grants.push(offset),
    });
    receiver.open();
    receiver.take({ seq: 0, end: true, error: null, body: Buffer.from('all'), trailers: null });
    receiver.consumed(3);
    receiver.repeat();
    expect(grants).toEqual([100, 100]);
  });

  it('gives up at a gap, and at more than it granted', () => {
    const gap = pair();
    gap.receiver.take({ seq: 1, end: false, error: null, body: null, trailers: null });
    expect(gap.outcome).toEqual(['gap']);
    const over = pair();
    over.receiver.take({ seq: 0, end: false, error: null, body: Buffer.alloc(FIRST_WINDOW + 1), trailers: null });
    expect(over.outcome).toEqual(['overrun']);
    expect(over.received).toEqual([]);
  });
});

describe('a sender with little room', () => {
  it('holds back before a record is full, and sends what it has without waiting for more', async () => {
    const { records, sender, events } = pair({ credit: 0, recordBytes: 262_144, mostKept: () => 20_000 });
    expect(sender.write(Buffer.alloc(19_999))).toBe(true);
    expect(sender.write(Buffer.alloc(1))).toBe(false);
    await settled();
    expect(records).toEqual([]);
    sender.grant(65_536);
    expect(records.map(({ body }) => body?.length)).toEqual([20_000]);
    expect(events).toEqual(['drained']);
    // In the same moment: a flush would be waited for.
    expect(sender.write(Buffer.alloc(20_000))).toBe(false);
    await settled();
    expect(records).toHaveLength(2);
  });
});
