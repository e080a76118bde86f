import { KafkaSendError, type OutgoingRecord, type RecordProducer } from '@kafka-http-proxy/kafka';
import type { BridgeError, RequestEnvelope } from '@kafka-http-proxy/protocol';
import { expect, it } from 'vitest';
import { createPublisher } from './publisher.js';

const envelope: RequestEnvelope = {
  version: 2,
  correlationId: 'id',
  method: 'POST',
  target: '/',
  headers: [],
  client: null,
  deadlineMs: 1,
  reply: { topic: 'replies', partition: 0 },
  trace: null,
  body: Buffer.alloc(100),
  trailers: null,
  more: false,
};
const to = { requestTopic: 'requests', responseTopic: 'replies', timeoutMs: 1, key: null };

const deps = { maxRecordBytes: 1000, isConfigured: (topic: string) => topic === 'requests' };

function setUp(answer: KafkaSendError | null = null) {
  const sent: OutgoingRecord[] = [];
  const producer: Pick<RecordProducer, 'send'> = {
    send(record, settled) {
      sent.push(record);
      settled(answer);
    },
  };
  const written: string[] = [];
  const outcomes: (string | null)[] = [];
  const settled = (error: BridgeError | null) => void outcomes.push(error?.code ?? null);
  return {
    publish: createPublisher({ ...deps, wrote: (topic) => written.push(topic), producer: () => producer }),
    written,
    sent,
    outcomes,
    settled,
  };
}

it('says when Kafka has a request, and asks for compression only where it is wanted', () => {
  const { publish, sent, outcomes, settled } = setUp();
  publish(envelope, to, settled);
  publish(envelope, { ...to, compression: 'zstd' }, settled);
  expect(outcomes).toEqual([null, null]);
  expect(sent[0]?.compression).toBeUndefined();
  expect(sent[1]).toMatchObject({ topic: 'requests', partition: null, compression: 'zstd' });
});

it('reports the topics that headers named once Kafka has a record of theirs', () => {
  const { publish, written, settled } = setUp();
  publish(envelope, to, settled);
  publish(envelope, { ...to, requestTopic: 'chosen', named: true }, settled);
  expect(written).toEqual(['chosen']);
  const refused = setUp(new KafkaSendError('unknown_topic', 'unknown', 3));
  refused.publish(envelope, { ...to, requestTopic: 'missing', named: true }, refused.settled);
  expect(refused.written).toEqual([]);
});

it('lets only whole requests without a key overtake others', () => {
  const { publish, sent, settled } = setUp();
  publish(envelope, to, settled);
  publish(envelope, { ...to, key: Buffer.from('k') }, settled);
  publish({ ...envelope, more: true }, to, settled);
  expect(sent.map(({ unordered }) => unordered)).toEqual([true, false, false]);
});

it('settles a request that will not reach Kafka, with the client’s error', () => {
  const refused = setUp(new KafkaSendError('queue_full', 'full', -184));
  refused.publish(envelope, to, refused.settled);
  expect(refused.outcomes).toEqual(['overloaded']);
  const large = setUp();
  large.publish({ ...envelope, body: Buffer.alloc(1000) }, to, large.settled);
  createPublisher({ ...deps, wrote: () => undefined, producer: () => null })(envelope, to, large.settled);
  expect(large.outcomes).toEqual(['body_too_large', 'kafka_unavailable']);
  expect(large.sent).toEqual([]);
});

it('takes a missing ACL for the client’s doing only where the client chose the topic', () => {
  const { publish, outcomes, settled } = setUp(new KafkaSendError('not_authorized', 'denied', 29));
  publish(envelope, to, settled);
  publish(envelope, { ...to, requestTopic: 'chosen' }, settled);
  expect(outcomes).toEqual(['kafka_unavailable', 'topic_not_allowed']);
});

it('a request without a key for a compacted topic is the request’s fault: it will never be taken', () => {
  const { publish, outcomes, settled } = setUp(
    new KafkaSendError('no_key', 'Broker: Broker failed to validate record', 87),
  );
  publish(envelope, to, settled);
  expect(outcomes).toEqual(['bad_request']);
});
