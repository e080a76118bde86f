import { expect, it } from 'vitest';
import { readApiKey } from './group-protocol.js';

const line = (what: string) => `[thrd:127.0.0.1:9092/bootstrap]: 127.0.0.1:9092/bootstrap:   ${what}`;

// As librdkafka 2.15.1 logs them with debug=feature, of Kafka 4.1, 3.8 and 2.8.
it.each([
  ['ApiKey ConsumerGroupHeartbeat (68) Versions 0..1', 'consumer'],
  ['ApiKey ConsumerGroupHeartbeat (68) Versions 0..0', 'classic'],
  ['Feature BrokerBalancedConsumer: ConsumerGroupHeartbeat (0..32767) NOT supported by broker', 'classic'],
  ['Feature BrokerBalancedConsumer: ConsumerGroupHeartbeat (0..32767) supported by broker', null],
  ['ApiKey ConsumerGroupDescribe (69) Versions 0..1', null],
] as const)('reads %s as %s', (what, protocol) => {
  expect(readApiKey(line(what))).toBe(protocol);
});
