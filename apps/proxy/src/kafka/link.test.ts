import { proxyConfig } from '@kafka-http-proxy/protocol';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { afterEach, expect, it } from 'vitest';
import { createKafkaLink, type KafkaLink } from './link.js';

const links: KafkaLink[] = [];
afterEach(async () => {
  for (const link of links.splice(0)) await link.close(0);
});

function setUp(): KafkaLink {
  const log = () => undefined;
  const config = proxyConfig.parse({});
  return createKafkaLink(config, {
    settings: {
      bootstrapServers: '127.0.0.1:1',
      clientId: 'test',
      maxRecordBytes: 1_000_000,
      properties: {},
      events: { error: log, log, restarted: log },
    },
    instanceId: 'test',
    logger: { error: log, warn: log, info: log } as never,
    nextId: () => 'id',
    clock: new FakeClock(),
  });
}
const start = { onRecord: () => undefined, inFlight: () => 0 };

it('does nothing before it is started, and can be closed then', async () => {
  const link = setUp();
  expect([link.ready(), link.producer(), link.activeTopics()]).toEqual([false, null, 0]);
  await link.close(0);
  expect(() => link.start(start)).toThrow('The Kafka link is closed and cannot become started');
});

it('is started once', () => {
  const link = setUp();
  links.push(link);
  link.start(start).catch(() => undefined);
  expect(() => link.start(start)).toThrow('The Kafka link is started and cannot become started');
});
