import { expect, it } from 'vitest';
import {
  createTopicLine,
  describeTopicLine,
  grantLine,
  partitionsLine,
  scramPasswordLine,
  topicConfigLine,
} from './kafka-tools.js';
import { shellWord } from './shell-word.js';

const OPEN = { bootstrapServers: 'b:9092', commandConfig: null };
const SECURED = { bootstrapServers: 'b:9093,c:9093', commandConfig: 'my admin.properties' };

it.each([
  ['orders-requests', 'orders-requests'],
  ['a b', "'a b'"],
  ["it's", String.raw`'it'\''s'`],
  ['$(reboot)', "'$(reboot)'"],
  ['', "''"],
])('makes one word of %j', (value, word) => expect(shellWord(value)).toBe(word));

it('writes lines for the tools of Kafka', () => {
  const topic = { name: 't', partitions: -1, replicationFactor: -1, config: {} };
  expect(createTopicLine(OPEN, topic)).toBe('kafka-topics --bootstrap-server b:9092 --create --topic t');
  expect(
    createTopicLine(OPEN, { ...topic, partitions: 6, replicationFactor: 3, config: { 'retention.ms': '1' } }),
  ).toBe(
    'kafka-topics --bootstrap-server b:9092 --create --topic t --partitions 6 --replication-factor 3 --config retention.ms=1',
  );
  expect(partitionsLine(OPEN, 't', 4)).toBe('kafka-topics --bootstrap-server b:9092 --alter --topic t --partitions 4');
  expect(describeTopicLine(OPEN, 't')).toBe('kafka-topics --bootstrap-server b:9092 --describe --topic t');
  expect(topicConfigLine(OPEN, 't', 'max.message.bytes', '5')).toBe(
    'kafka-configs --bootstrap-server b:9092 --alter --entity-type topics --entity-name t --add-config max.message.bytes=5',
  );
});

it('logs the administrator in where Kafka wants it, and prints no password', () => {
  expect(grantLine(SECURED, { resource: 'group', name: 'g 1', operations: ['Read'] }, 'CN=p,O=o')).toBe(
    "kafka-acls --bootstrap-server b:9093,c:9093 --command-config 'my admin.properties' --add --allow-principal User:CN=p,O=o --operation Read --group 'g 1'",
  );
  expect(scramPasswordLine(OPEN, 'SCRAM-SHA-512', 'u')).toBe(
    'kafka-configs --bootstrap-server b:9092 --alter --entity-type users --entity-name u --add-config "SCRAM-SHA-512=[password=$PASSWORD]"',
  );
});
