import type { KafkaRecord, RequestConsumer, RequestConsumerOptions, TopicPartition } from '@kafka-http-proxy/kafka';
import { expect, vi } from 'vitest';
import type { KafkaClients } from '../kafka/clients.js';
import { MemoryProducer } from './memory-producer.js';

/** Kafka clients in memory: each consumer owns partition 0 of its topics. */
export class MemoryKafka {
  readonly producer = new MemoryProducer();
  readonly stored = new Map<string, number>();
  readonly ensured: string[][] = [];
  readonly paused: TopicPartition[] = [];
  readonly groups: { group: string; topics: readonly string[] }[] = [];
  /** Names of topics and groups that an ACL is missing for. */
  readonly denied = new Set<string>();
  closedWithMs: number | null = null;
  /** Handed over while the consumer is still being made. */
  early: KafkaRecord | null = null;
  /** What keeps the consumers out of their groups. */
  trouble: string | null = null;
  /** What closing a consumer waits for, besides the revoke. */
  closing: Promise<void> = Promise.resolve();
  /** Resolves when Kafka "comes up"; no client is made before. */
  up: Promise<void> = Promise.resolve();
  /** Takes a record of the control topic. */
  inbox: (record: KafkaRecord) => void = () => undefined;
  #options: RequestConsumerOptions[] = [];

  readonly clients: KafkaClients = {
    createProducer: async (_settings, { signal }) => {
      await Promise.race([
        this.up,
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted')))),
      ]);
      return {
        send: (record, settled) => this.producer.send(record, settled),
        deliver: () => Promise.reject(new Error('not here')),
        partitionsOf: () => Promise.resolve(1),
        denied: (needs) => Promise.resolve(needs.filter(({ name }) => this.denied.has(name))),
        describe: () => Promise.resolve(new Map()),
        renew: () => Promise.resolve(),
        addCodecs: () => Promise.resolve(),
        available: () => true,
        close: (timeoutMs) => {
          this.closedWithMs = timeoutMs;
          return Promise.resolve();
        },
      };
    },
    createInboxReader: async ({ onRecord }) => {
      this.inbox = onRecord;
      const address = { topic: 'khp-control', partition: 0 };
      return {
        open: () => Promise.resolve(address),
        renew: () => undefined,
        reconnect: () => Promise.resolve(),
        release: () => undefined,
        addressOf: () => address,
        topics: () => [address.topic],
        healthy: () => true,
        close: () => Promise.resolve(),
      };
    },
    ensureTopics: (_settings, topics) => {
      this.ensured.push([...topics]);
      return Promise.resolve();
    },
    createRequestConsumer: async (options) => {
      this.#options.push(options);
      this.groups.push({ group: options.group, topics: options.topics });
      const owned = options.topics.map((topic) => ({ topic, partition: 0 }));
      options.onAssigned(owned);
      const consumer: RequestConsumer = {
        group: options.group,
        protocol: () => 'classic',
        store: (topic, partition, offset) => void this.stored.set(`${topic}/${partition}`, offset),
        pause: (partitions) => void this.paused.push(...partitions),
        resume: (partitions) => void this.paused.splice(0, partitions.length),
        assignments: () => owned,
        lag: () => owned.map((partition) => ({ ...partition, lag: 7 })),
        renew: () => undefined,
        healthy: () => this.trouble === null,
        trouble: () => this.trouble,
        close: () => options.onRevoked(owned, false).then(() => this.closing),
      };
      if (this.early !== null) {
        options.onRecord(this.early);
        await vi.waitFor(() => expect(this.producer.sent).toHaveLength(1), { timeout: 20_000 });
      }
      return consumer;
    },
  };

  /** Hands a record over to the consumer of its topic. */
  give(record: KafkaRecord): void {
    this.#options.find(({ topics }) => topics.includes(record.topic))?.onRecord(record);
  }
}
