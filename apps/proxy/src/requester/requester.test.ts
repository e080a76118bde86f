import type { OutgoingRecord } from '@kafka-http-proxy/kafka';
import { KafkaSendError } from '@kafka-http-proxy/kafka';
import {
  CORRELATION_HEADER,
  type ContinuationEnvelope,
  decodeInbox,
  encodeContinuationV2,
  encodeReply,
  NO_SEQUENCE,
  type ReplyEnvelope,
  recordHeader,
  type Sequence,
  type WireRecord,
} from '@kafka-http-proxy/protocol';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { expect, it } from 'vitest';
import { createRequester } from './requester.js';

const AT = { partition: 3, offset: 812 };
const INBOX = { topic: 'khp-control', partition: 5 };

/** A requester whose Kafka is the test. */
function setUp(error: KafkaSendError | null = null) {
  const clock = new FakeClock();
  const written: OutgoingRecord[] = [];
  const requester = createRequester({
    producer: {
      send(record, settled) {
        written.push(record);
        queueMicrotask(() => settled(error, error === null ? AT : undefined));
      },
    },
    controlTopic: 'khp-control',
    maxRecordBytes: 1_000_000,
    clock,
  });
  const record = (id: string): OutgoingRecord => ({
    topic: 'orders',
    partition: null,
    key: null,
    value: null,
    headers: [{ [CORRELATION_HEADER]: id }],
  });
  const requested = { requestTopic: 'orders', timeoutMs: 30_000, record };
  const id = () => recordHeader(written[0]?.headers ?? [], CORRELATION_HEADER) ?? '';
  const take = (read: WireRecord) =>
    requester.onRecord({ ...read, topic: 'replies', partition: 0, offset: 0, timestampMs: 1, key: null });
  const reply = (fields: Partial<ReplyEnvelope>, sequence: Partial<Sequence> | null = null) =>
    take(
      encodeReply({
        version: 2,
        correlationId: id(),
        status: 200,
        reason: null,
        headers: [],
        error: null,
        tookMs: null,
        body: null,
        trailers: null,
        sequence: sequence && { ...NO_SEQUENCE, exec: 'a', ...sequence },
        ...fields,
      }),
    );
  const part = (sequence: Partial<Sequence>, content: Partial<ContinuationEnvelope> = {}) =>
    take(
      encodeContinuationV2({
        correlationId: id(),
        sequence: { ...NO_SEQUENCE, exec: 'a', ...sequence },
        error: null,
        body: null,
        trailers: null,
        ...content,
      }),
    );
  /** What processors were told. */
  const told = () =>
    written.slice(1).map((sent) => {
      const read = decodeInbox({ value: sent.value, headers: sent.headers });
      return read.ok && read.value.kind === 'continuation' ? read.value.part.sequence : null;
    });
  return { clock, requester, requested, written, reply, part, told };
}

it('tells the status of a whole answer, and where its request is', async () => {
  const { requester, requested, reply } = setUp();
  const fate = requester.request(requested);
  reply({ status: 409 });
  expect(await fate).toEqual({ kind: 'answered', status: 409, at: AT });
  expect(requester.waiting).toBe(0);
});

it('tells the code of what a processor says went wrong', async () => {
  const { requester, requested, reply } = setUp();
  const fate = requester.request(requested);
  reply({ status: 504, error: 'backend_timeout' });
  expect(await fate).toMatchObject({ kind: 'failed', code: 'backend_timeout', at: AT });
});

it('waits for its time and no longer', async () => {
  const { clock, requester, requested, reply } = setUp();
  const fate = requester.request(requested);
  clock.advance(30_000);
  expect(await fate).toMatchObject({ kind: 'failed', code: 'timeout', at: AT });
  reply({ status: 200 });
  expect(requester.waiting).toBe(0);
});

it('reads an answer that streams to its end, so that the backend can finish', async () => {
  const { requester, requested, reply, part, told } = setUp();
  const fate = requester.request(requested);
  reply({ status: 201, body: Buffer.alloc(60_000) }, { seq: 0, inbox: INBOX });
  part({ seq: 1 }, { body: Buffer.alloc(60_000) });
  expect(told().at(-1)?.credit).toBeGreaterThan(120_000);
  part({ seq: 2, end: true });
  expect(await fate).toEqual({ kind: 'answered', status: 201, at: AT });
  requester.close();
});

it('cancels an answer that streams on when the time of the request is over', async () => {
  const { clock, requester, requested, reply, told } = setUp();
  const fate = requester.request(requested);
  reply({ status: 200, body: Buffer.from('event') }, { seq: 0, inbox: INBOX });
  clock.advance(30_000);
  expect(await fate).toEqual({ kind: 'answered', status: 200, at: AT });
  expect(told().at(-1)).toMatchObject({ cancel: true, exec: 'a' });
  requester.close();
});

it('counts an answer that breaks off behind its head as failed', async () => {
  const { requester, requested, reply, part } = setUp();
  const fate = requester.request(requested);
  reply({ status: 200, body: Buffer.from('half') }, { seq: 0, inbox: INBOX });
  part({ seq: 1, end: true }, { error: 'backend_unreachable' });
  expect(await fate).toMatchObject({ kind: 'failed', code: 'backend_unreachable', status: 200, at: AT });
  requester.close();
});

it('tells what Kafka refused from what Kafka may have', async () => {
  const refused = setUp(new KafkaSendError('too_large', 'over the limit', 10));
  expect(await refused.requester.request(refused.requested)).toMatchObject({ kind: 'unsent', failure: 'too_large' });
  const open = setUp(new KafkaSendError('timed_out', 'not acknowledged', -192));
  expect(await open.requester.request(open.requested)).toMatchObject({ kind: 'doubtful', failure: 'timed_out' });
  expect(open.requester.waiting).toBe(0);
});

it('waits for nothing but the acknowledgement where it only sends', async () => {
  const { requester, requested } = setUp();
  expect(await requester.send(requested)).toEqual({ kind: 'sent', at: AT });
  expect(requester.waiting).toBe(0);
});
