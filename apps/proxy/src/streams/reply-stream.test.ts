import { FIRST_WINDOW } from '@kafka-http-proxy/streams';
import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { INBOX } from '../testing/bridge.js';
import { lastOf as last, recordsOf as records, setUpConversation as setUp } from '../testing/conversation.js';

describe('a reply that streams', () => {
  it('is handed on as it comes, and more is granted as it is taken', () => {
    const { core, client, ask } = setUp();
    ask();
    core.head({ status: 201, body: Buffer.from('a') });
    expect(core.told).toEqual(['replied']);
    // The first window needs no word.
    core.part({ seq: 1 }, { body: Buffer.alloc(60_000) });
    expect(core.sent).toEqual([]);
    client.source?.consumed(60_001);
    // It has grown by a quarter of what the client took.
    expect(last(core)).toMatchObject({ exec: 'a', credit: 60_001 + FIRST_WINDOW + 15_000 });
    core.part({ seq: 2, end: true }, { body: Buffer.from('z'), trailers: ['X-T', '1'] });
    expect(client.outcome).toEqual(['stream 201', 'end']);
    expect(client.trailers).toEqual(['X-T', '1']);
    expect(Buffer.concat(client.received).length).toBe(60_002);
    expect([core.streams.conversations.size, core.budget.streams, core.open.reply]).toEqual([0, 1, 1]);
    // What the client has not read yet is still held here.
    client.source?.release();
    expect([core.budget.streams, core.open.reply]).toEqual([0, 0]);
  });

  it('that is one record is a whole reply', () => {
    const { core, client, ask } = setUp();
    ask();
    core.head({ body: Buffer.from('all') }, { end: true });
    expect(client.outcome).toEqual(['reply 200']);
    expect([core.sent, core.streams.conversations.size]).toEqual([[], 0]);
  });

  it('is of the first execution that was heard of: another one is told to stop, its parts are dropped', () => {
    const { core, client, ask } = setUp();
    ask();
    core.head({ body: Buffer.from('a') });
    core.head({ body: Buffer.from('X') }, { exec: 'b', inbox: { ...INBOX, partition: 7 } });
    expect(core.sent.at(-1)).toMatchObject({ to: { partition: 7 }, part: { sequence: { exec: 'b', cancel: true } } });
    core.part({ exec: 'b', seq: 1, end: true }, { body: Buffer.from('X') });
    // The same head again, from a reader that was made anew.
    core.head({ body: Buffer.from('a') });
    core.part({ seq: 1, end: true }, { body: Buffer.from('b') });
    expect(Buffer.concat(client.received).toString()).toBe('ab');
    expect(client.outcome).toEqual(['stream 200', 'end']);
  });

  it('to nobody is refused', () => {
    const { core, ask } = setUp();
    ask().abandon();
    core.head();
    expect(records(core)).toMatchObject([{ exec: 'a', cancel: true }]);
    expect(core.told).toEqual(['late']);
    expect(core.streams.conversations.size).toBe(0);
  });

  it.each([
    ['the processor says so', { seq: 1, end: true }, { error: 'backend_unreachable' as const }, 'backend_unreachable'],
    ['a record is missing', { seq: 2 }, { body: Buffer.from('c') }, 'gap'],
    ['more comes than was granted', { seq: 1 }, { body: Buffer.alloc(FIRST_WINDOW + 1) }, 'overrun'],
  ])('is cut when %s', (_why, sequence, content, reason) => {
    const { core, client, ask } = setUp();
    ask();
    core.head({ body: null });
    core.part(sequence, content);
    expect(client.outcome).toEqual(['stream 200', `cut ${reason}`]);
    expect(core.streams.conversations.size).toBe(0);
    expect(last(core)?.cancel === true).toBe(reason !== 'backend_unreachable');
  });

  it('is cut when its processor is lost, and lives through silence that is not too long', async () => {
    const { clock, core, client, ask } = setUp();
    ask();
    core.head();
    for (let i = 0; i < 5; i++) {
      await clock.advance(20_000);
      core.part({});
    }
    expect(client.outcome).toEqual(['stream 200']);
    // Beats are the last grant again.
    expect(last(core)).toMatchObject({ exec: 'a', credit: FIRST_WINDOW, cancel: false });
    await clock.advance(40_000);
    expect(client.outcome).toEqual(['stream 200', 'cut processor_lost']);
    expect(clock.waiting).toBe(0);
  });

  it('ends with its client: the processor is told', () => {
    const { core, ask } = setUp();
    const running = ask();
    core.head();
    running.abandon();
    expect(last(core)).toMatchObject({ exec: 'a', cancel: true });
    expect(core.broadcasts).toEqual([]);
    core.part({ seq: 1 }, { body: Buffer.from('late') });
    expect(core.sent).toHaveLength(1);
  });

  it('goes on beside an upload, which it does not end; its own end does', async () => {
    const { core, client, upload } = setUp();
    const running = upload(Buffer.alloc(10));
    core.part({ inbox: INBOX, credit: 500 });
    core.head({ body: Buffer.from('a') });
    running.write(Buffer.alloc(100));
    await settled();
    expect(last(core)).toMatchObject({ seq: 1, bytes: 100 });
    core.part({ seq: 1, end: true });
    running.write(Buffer.alloc(100));
    await settled();
    expect(last(core)).toMatchObject({ seq: 1 });
    expect(client.outcome).toEqual(['stream 200', 'end']);
    client.source?.release();
    expect([core.streams.conversations.size, core.budget.streams]).toEqual([0, 0]);
  });

  it('has no place: 503, and the processor is told', () => {
    const { core, client, ask } = setUp({ max_streams: 0 });
    ask();
    core.head();
    expect(client.outcome).toEqual(['overloaded']);
    expect(records(core)).toMatchObject([{ exec: 'a', cancel: true }]);
  });

  it('is not followed where nothing can be granted', () => {
    const { core, client, ask } = setUp();
    core.whyNoStreams = 'control_topic is out of reach';
    ask();
    core.head();
    expect(client.outcome).toEqual(['reply_too_large']);
    expect(core.budget.streams).toBe(0);
  });

  it('that was broken off before it began is an error', () => {
    const { core, client, ask } = setUp();
    ask();
    core.head({ error: 'backend_unreachable' }, { end: true });
    expect(client.outcome).toEqual(['backend_unreachable']);
    expect(core.budget.streams).toBe(0);
  });

  it.each([
    ['no execution', { exec: null }],
    ['no inbox', { inbox: null }],
    ['no beginning', { seq: 3 }],
  ])('with %s is none', (_what, sequence) => {
    const { core, client, ask } = setUp();
    ask();
    core.head({}, sequence);
    expect(core.told).toEqual(['malformed_metadata']);
    expect([client.outcome, core.sent]).toEqual([[], []]);
  });
});
