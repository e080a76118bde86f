import { randomBytes } from 'node:crypto';
import type { KafkaRecord, OutgoingRecord } from '../port/records.js';
import type { KafkaSettings } from '../port/settings.js';

/** What the tests know of a broker. */
export interface TestBroker {
  readonly bootstrapServers: string;
  readonly properties: KafkaSettings['properties'];
}

/** Settings for a test, with what the client reported. */
export interface TestSettings extends KafkaSettings {
  readonly errors: string[];
  readonly restarts: string[];
}

/** Settings for a test, and what the client reported meanwhile. */
export function testSettings(broker: TestBroker, properties: KafkaSettings['properties'] = {}): TestSettings {
  const errors: string[] = [];
  const restarts: string[] = [];
  return {
    bootstrapServers: broker.bootstrapServers,
    clientId: 'test',
    properties: { ...broker.properties, ...properties },
    maxRecordBytes: 1_000_000,
    errors,
    restarts,
    events: {
      error: (client, { name }) => errors.push(`${client} ${name}`),
      log: () => undefined,
      restarted: (client, reason) => restarts.push(`${client} ${reason}`),
    },
  };
}

/** A name no other test uses. */
export function testTopic(about: string): string {
  return `${about}-${randomBytes(4).toString('hex')}`;
}

/** A record with a text for its value. */
export function testRecord(topic: string, partition: number, text: string): OutgoingRecord {
  return { topic, partition, key: null, value: Buffer.from(text), headers: [{ correlation_id: text }] };
}

/** Collects records as texts; `until` resolves when there are so many. */
export interface Inbox {
  readonly texts: string[];
  take(record: Pick<KafkaRecord, 'value'>): void;
  until(count: number): Promise<string[]>;
}

/** Gathers records, for tests that await them. */
export function createInbox(): Inbox {
  const texts: string[] = [];
  const waiting = new Set<{ count: number; resolve: (texts: string[]) => void }>();
  return {
    texts,
    take({ value }) {
      texts.push(value?.toString() ?? 'null');
      for (const waiter of waiting) {
        if (texts.length < waiter.count) continue;
        waiting.delete(waiter);
        waiter.resolve(texts);
      }
    },
    until: (count) =>
      texts.length >= count ? Promise.resolve(texts) : new Promise((resolve) => waiting.add({ count, resolve })),
  };
}
