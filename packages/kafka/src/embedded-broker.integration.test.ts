import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startEmbeddedBroker } from './embedded-broker.js';
import { createProducer } from './producer/producer.js';
import { testRecord, testSettings } from './testing/settings.js';

it('listens for other processes', async () => {
  const broker = await startEmbeddedBroker({ brokers: 2 });
  const client = createRequire(import.meta.url).resolve('@confluentinc/kafka-javascript');
  const script = `
    const { Producer } = require(${JSON.stringify(client)});
    const producer = new Producer({ 'bootstrap.servers': ${JSON.stringify(broker.bootstrapServers)} });
    producer.connect({ allTopics: false, timeout: 5000 }, (error, found) => {
      console.log(error ? error.message : found.brokers.length);
      producer.disconnect(1000, () => process.exit());
    });`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', script]);
  expect(stdout.trim()).toBe('2');
  expect(stderr).toBe('');
  await broker.close();
});

it('ends when it is closed', async () => {
  const broker = await startEmbeddedBroker();
  const producer = await createProducer(testSettings(broker), { messageTimeoutMs: 5000 });
  await producer.deliver(testRecord('t', 0, 'x'));
  await broker.close();
  await broker.close();
  await expect.poll(() => producer.available(), { timeout: 5000 }).toBe(false);
  await producer.close(0);
});
