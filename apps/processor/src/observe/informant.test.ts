import { decodeTopicState, encodeInquiry } from '@kafka-http-proxy/protocol';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { expect, it } from 'vitest';
import { MemoryProducer } from '../testing/memory-producer.js';
import { createInformant } from './informant.js';

const STATE = { reads: true, partitions: 1, open: 2, lag: 3, unhealthy: false };
const question = (topic: string, to = 'replies') => ({
  ...encodeInquiry({ id: 'id', topic, reply: { topic: to, partition: 4 } }),
  topic: 'khp-control',
  partition: 0,
  offset: 0,
  timestampMs: 0,
  key: null,
});

function setUp() {
  const producer = new MemoryProducer();
  const clock = new FakeClock();
  const informant = createInformant({
    stateOf: (topic) => (topic === 'ours' ? STATE : null),
    allowsReplyTo: (topic, to) => to === 'replies' || (topic === null && to === 'others'),
    producer,
    clock,
  });
  const told = () => producer.sent.map((record) => decodeTopicState(record)?.state);
  return { producer, clock, informant, told };
}

it('a proxy that asks gets the state of its topic, where a reply might go', () => {
  const { producer, informant, told } = setUp();
  expect(informant(question('ours'))).toBe(true);
  expect(producer.sent[0]).toMatchObject({ topic: 'replies', partition: 4 });
  informant(question('theirs'));
  expect(told()).toEqual([STATE, { reads: false, partitions: 0, open: 0, lag: 0, unhealthy: false }]);
});

it('nothing is written where no reply to that topic might go, and a record that is no question is left', () => {
  const { producer, informant } = setUp();
  expect(informant(question('ours', 'others'))).toBe(true);
  expect(informant({ ...question('ours'), headers: [{ correlation_id: 'id' }, { khp: '{}' }] })).toBe(false);
  expect(producer.sent).toEqual([]);
});

it('who asks without end is answered twenty times a second', async () => {
  const { producer, clock, informant } = setUp();
  for (let i = 0; i < 100; i++) informant(question('ours'));
  expect(producer.sent).toHaveLength(20);
  await clock.advance(1000);
  informant(question('ours'));
  expect(producer.sent).toHaveLength(21);
});
