import { BridgeError, type HeaderList, type ReplyEnvelope } from '@kafka-http-proxy/protocol';
import { FIRST_WINDOW } from '@kafka-http-proxy/streams';
import { FakeClock, settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it, vi } from 'vitest';
import type { RunningUpload } from '../exchange/exchange.js';
import { createTestCore, INBOX, type TestCore } from '../testing/bridge.js';
import { replyOf } from '../testing/ingress.js';
import type { ReplySource, Waiter } from '../waiter.js';

const to = { requestTopic: 'requests', responseTopic: 'replies', timeoutMs: 600_000, key: null };
const address = { topic: 'replies', partition: 3 };
const head = { method: 'POST', target: '/', headers: [], client: null, trace: null, trailers: null };

class Client implements Waiter {
  readonly outcome: string[] = [];
  readonly received: Buffer[] = [];
  source: ReplySource | null = null;
  trailers: HeaderList | null = null;

  reply = (reply: ReplyEnvelope) => void this.outcome.push(`reply ${reply.status}`);
  fail = (error: BridgeError) => void this.outcome.push(error.code);
  stream = (reply: ReplyEnvelope, source: ReplySource) => {
    this.source = source;
    this.outcome.push(`stream ${reply.status}`);
    return {
      data: (chunk: Buffer) => void this.received.push(chunk),
      end: (trailers: HeaderList | null) => {
        this.trailers = trailers;
        this.outcome.push('end');
      },
      failed: (reason: string) => void this.outcome.push(`cut ${reason}`),
    };
  };
}

function setUp(settings: Record<string, unknown> = {}) {
  const clock = new FakeClock();
  const core = createTestCore({ record_bytes: 1024, stream_idle_timeout: 30, ...settings }, clock);
  const client = new Client();
  const ask = () => core.exchange.start({ ...head, body: null }, to, address, client);
  const upload = (body: Buffer, drained = () => undefined): RunningUpload =>
    core.exchange.startUpload({ ...head, body }, to, address, client, drained);
  return { clock, core, client, ask, upload };
}

const NO_EVENTS = { progressed: () => undefined, failed: () => undefined };

const records = ({ sent }: TestCore) =>
  sent.map(({ part: { sequence, error, body } }) => {
    const { seq, end, exec, credit, cancel } = sequence;
    return { exec, seq, end, credit, cancel, error, bytes: body?.length ?? 0 };
  });
const last = (core: TestCore) => records(core).at(-1);

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
    core.settlement.settle({ ...replyHead(core), sequence: { ...NOTHING, exec: 'a' } });
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
    expect([core.streams.conversations.size, core.budget.streams, core.exchange.pending]).toEqual([0, 0, 0]);
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

describe('a conversation', () => {
  const head = replyOf({ body: null });
  const peer = { exec: 'a', inbox: INBOX };
  const sink = () => ({ data: () => undefined, end: () => undefined, failed: () => undefined });
  const open = () => setUp().core.streams.conversations.open('id', 'requests', NO_EVENTS, undefined);

  it('refuses a second reply, and a reply when it is over', () => {
    const conversation = open();
    conversation.openReply(head, peer, sink);
    expect(() => conversation.openReply(head, peer, sink)).toThrow(
      /^A conversation is replying and cannot become replying/,
    );
    conversation.close();
    expect(() => conversation.openReply(head, peer, sink)).toThrow(
      /^A conversation is closed and cannot become replying/,
    );
  });

  it('refuses an upload once a processor has the request', () => {
    const conversation = open();
    conversation.openReply(head, peer, sink);
    expect(() => conversation.openUpload(0, () => undefined)).toThrow(/that is replying cannot begin an upload/);
  });
});

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

it('a reply that goes on through another control_topic is answered at once, and nothing is sent there', () => {
  const { core, client, ask } = setUp();
  ask();
  core.head({}, { inbox: { topic: 'others', partition: 0 } });
  expect([client.outcome, core.sent]).toEqual([['processing_failed'], []]);
  expect([core.told, core.exchange.pending]).toEqual([['malformed_metadata'], 0]);
});

it('all are cut and cancelled at the end of a shutdown, and who waits is told', () => {
  const { core, client, ask, upload } = setUp();
  ask();
  core.head({ body: Buffer.alloc(FIRST_WINDOW) });
  ask();
  upload(Buffer.alloc(10));
  core.exchange.failAll(new BridgeError('shutting_down', 'bye'));
  expect(client.outcome).toEqual(['stream 200', 'cut shutting_down', 'shutting_down', 'shutting_down']);
  expect(last(core)).toMatchObject({ exec: 'a', cancel: true });
  expect(core.broadcasts).toHaveLength(1);
  expect([core.streams.conversations.size, core.exchange.pending]).toEqual([0, 0]);
});

const NOTHING = { seq: null, end: false, exec: null, inbox: null, credit: null, cancel: false };
function replyHead(core: TestCore): ReplyEnvelope {
  return {
    version: 2,
    correlationId: core.published.at(-1)?.correlationId ?? '',
    status: 200,
    reason: null,
    headers: [],
    error: null,
    tookMs: null,
    body: null,
    trailers: null,
    sequence: null,
  };
}
