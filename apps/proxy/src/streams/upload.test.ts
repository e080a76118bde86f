import { BridgeError } from '@kafka-http-proxy/protocol';
import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it, vi } from 'vitest';
import { INBOX } from '../testing/bridge.js';
import { lastOf as last, recordsOf as records, setUpConversation as setUp } from '../testing/conversation.js';

describe('an upload', () => {
  it('sends nothing but its first record until a processor claims it, then as far as that grants', async () => {
    const { core, client, upload } = setUp();
    const running = upload(Buffer.alloc(100));
    expect(core.published).toMatchObject([{ more: true, body: Buffer.alloc(100) }]);
    running.write(Buffer.alloc(900));
    running.end(['X-T', '1']);
    await settled();
    expect(core.sent).toEqual([]);
    core.part({ inbox: INBOX, credit: 500 });
    await settled();
    expect(records(core)).toEqual([
      { exec: 'a', seq: 1, end: false, credit: null, cancel: false, error: null, bytes: 400 },
    ]);
    core.part({ inbox: INBOX, credit: 2000 });
    await settled();
    expect(last(core)).toMatchObject({ seq: 2, end: true, bytes: 500 });
    expect(core.sent.at(-1)?.part.trailers).toEqual(['X-T', '1']);
    expect(core.sent.every(({ to: { partition } }) => partition === INBOX.partition)).toBe(true);
    core.head({}, { seq: null, inbox: null });
    expect(client.outcome).toEqual(['reply 200']);
    expect([core.streams.conversations.size, core.budget.streams, core.open.upload]).toEqual([0, 0, 0]);
  });

  it('whose end came with its first record sends that end only when it knows where to', async () => {
    const { core, upload } = setUp();
    upload(Buffer.alloc(10)).end(null);
    await settled();
    expect(core.sent).toEqual([]);
    core.part({ inbox: INBOX, credit: 10 });
    await settled();
    expect(records(core)).toMatchObject([{ exec: 'a', seq: 1, end: true, bytes: 0 }]);
  });

  it('holds its client back while the processor takes nothing', async () => {
    const { core, upload } = setUp();
    const drained = vi.fn();
    const running = upload(Buffer.alloc(10), drained);
    expect(running.write(Buffer.alloc(2000))).toBe(false);
    core.part({ inbox: INBOX, credit: 4000 });
    await settled();
    expect(drained).toHaveBeenCalled();
    expect(running.write(Buffer.alloc(10))).toBe(true);
  });

  it('has its whole time again whenever it makes progress', async () => {
    const { clock, core, client, upload } = setUp({ stream_idle_timeout: 3600 });
    upload(Buffer.alloc(10));
    for (let i = 1; i <= 3; i++) {
      await clock.advance(590_000);
      core.part({ inbox: INBOX, credit: i * 100 });
    }
    // The same grant again is a sign of life, and nothing more.
    core.part({ inbox: INBOX, credit: 300 });
    await clock.advance(300_000);
    core.part({ inbox: INBOX, credit: 300 });
    expect(client.outcome).toEqual([]);
    await clock.advance(300_000);
    // All that the client sent has gone on: it is the one that is late.
    expect(client.outcome).toEqual(['request_timeout']);
    expect(last(core)).toMatchObject({ exec: 'a', cancel: true });
    expect(core.budget.streams).toBe(0);
  });

  it('that is given up before anybody is known for it is recalled from all processors', () => {
    const { core, upload } = setUp();
    const running = upload(Buffer.alloc(10));
    running.abandon();
    running.abandon();
    expect(core.broadcasts).toMatchObject([
      { correlationId: running.correlationId, sequence: { exec: null, cancel: true } },
    ]);
    expect([core.streams.conversations.size, core.budget.streams, core.pending.size]).toEqual([0, 0, 0]);
    // A processor that claims it later is told by itself.
    core.part({ inbox: INBOX, credit: 500 });
    expect(records(core)).toMatchObject([{ exec: 'a', cancel: true }]);
  });

  it('is kept from a second execution while the first lives, and lost with the first', async () => {
    const { clock, core, client, upload } = setUp();
    upload(Buffer.alloc(10));
    core.part({ inbox: INBOX, credit: 500 });
    await clock.advance(10_000);
    core.part({ exec: 'b', inbox: { ...INBOX, partition: 6 }, credit: 500 });
    expect(client.outcome).toEqual([]);
    expect(records(core).some(({ exec }) => exec === 'b')).toBe(false);
    await clock.advance(2_000);
    core.part({ exec: 'b', inbox: { ...INBOX, partition: 6 }, credit: 500 });
    expect(client.outcome).toEqual(['processor_lost']);
    const told = core.sent.find(({ part }) => part.sequence.exec === 'b');
    expect(told).toMatchObject({ to: { partition: 6 }, part: { sequence: { cancel: true }, error: 'processor_lost' } });
    expect(core.streams.conversations.size).toBe(0);
  });

  it('fails when its processor gives no sign of life, and gives signs itself', async () => {
    const { clock, core, client, upload } = setUp();
    upload(Buffer.alloc(10));
    core.part({ inbox: INBOX, credit: 500 });
    for (let i = 0; i < 5; i++) {
      await clock.advance(10_000);
      core.part({});
    }
    expect(client.outcome).toEqual([]);
    expect(records(core).filter(({ exec, cancel }) => exec === 'a' && !cancel).length).toBeGreaterThanOrEqual(3);
    await clock.advance(40_000);
    expect(client.outcome).toEqual(['processor_lost']);
    expect([core.streams.conversations.size, clock.waiting]).toEqual([0, 0]);
  });

  it('fails when Kafka takes its first record not, or a later one', async () => {
    const first = setUp();
    first.upload(Buffer.alloc(10));
    first.core.settles[0]?.(new BridgeError('kafka_unavailable', 'away'));
    expect(first.client.outcome).toEqual(['kafka_unavailable']);
    expect([first.core.streams.conversations.size, first.core.budget.streams]).toEqual([0, 0]);
    const later = setUp();
    later.core.acknowledges = false;
    later.upload(Buffer.alloc(10)).write(Buffer.alloc(10));
    later.core.part({ inbox: INBOX, credit: 500 });
    await settled();
    later.core.sent[0]?.settle(new Error('away'));
    expect(later.client.outcome).toEqual(['kafka_unavailable']);
    expect(last(later.core)).toMatchObject({ exec: 'a', cancel: true });
  });

  it('is refused beyond the number of streams', () => {
    const { upload } = setUp({ max_streams: 1 });
    upload(Buffer.alloc(10));
    expect(() => upload(Buffer.alloc(10))).toThrow(/Too many streams/);
  });

  it('does not follow an inbox that is none', () => {
    const { core, upload } = setUp();
    upload(Buffer.alloc(10)).write(Buffer.alloc(10));
    core.part({ inbox: { topic: 'secrets', partition: 0 }, credit: 500 });
    expect(core.sent).toEqual([]);
    expect(core.told).toEqual(['claim inbox', 'malformed_metadata']);
  });
});
