import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProducer, type KafkaSettings, type OutgoingRecord } from '@kafka-http-proxy/kafka';
import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';
import { onTestFinished } from 'vitest';

/** A name that no other test uses. */
export function testName(about: string): string {
  return `${about}-${randomBytes(4).toString('hex')}`;
}

/** Settings of a client that a test has beside the command. */
export function settingsOf(broker: BrokerUnderTest): KafkaSettings {
  return {
    bootstrapServers: broker.bootstrapServers,
    clientId: 'test',
    properties: broker.properties,
    maxRecordBytes: 1_000_000,
    events: { error: () => undefined, log: () => undefined, restarted: () => undefined },
  };
}

/** Options of a command that lead it to the broker. */
export function brokerFlags({ bootstrapServers, properties }: BrokerUnderTest): string[] {
  return ['-b', bootstrapServers, ...Object.entries(properties).flatMap(([name, value]) => ['-X', `${name}=${value}`])];
}

/** Writes records, each acknowledged. Where the broker makes topics by itself, so are these. */
export async function write(broker: BrokerUnderTest, records: readonly OutgoingRecord[]): Promise<void> {
  const producer = await createProducer(settingsOf(broker), { messageTimeoutMs: 10_000 });
  try {
    for (const topic of new Set(records.map((record) => record.topic))) await producer.partitionsOf(topic);
    for (const record of records) await producer.deliver(record);
  } finally {
    await producer.close(1000);
  }
}

/** A record with nothing in it but a value. */
export function recordOf(topic: string, partition: number, value = 'x'): OutgoingRecord {
  return { topic, partition, key: null, value: Buffer.from(value), headers: [] };
}

/** A configuration as a file, for one test. */
export async function configFile(name: string, config: object): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'khp-cli-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const path = join(dir, name);
  await writeFile(path, JSON.stringify(config));
  return path;
}
