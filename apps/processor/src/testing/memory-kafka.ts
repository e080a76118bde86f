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
  /** True while no new client can be had. */
  away = false;
  /** Clients that went on by other settings, and why. */
  readonly renewed: string[] = [];
  #members: Member[] = [];

  readonly clients: KafkaClients = {
    createProducer: async (_settings, { signal }) => {
      if (this.away) throw new Error('no broker can be reached');
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
        renew: (reason) => {
          this.renewed.push(`producer: ${reason}`);
          return Promise.resolve();
        },
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
        reconnect: (reason) => {
          this.renewed.push(`inbox: ${reason}`);
          return Promise.resolve();
        },
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
      const { group } = options;
      if (this.away) throw new Error('no broker can be reached');
      this.groups.push({ group, topics: options.topics });
      const member: Member = { options, topics: [] };
      this.#members.push(member);
      const owned = () => member.topics.map((topic) => ({ topic, partition: 0 }));
      const read = async (topics: readonly string[]): Promise<void> => {
        const before = member.topics;
        const of = (names: string[]) => names.map((topic) => ({ topic, partition: 0 }));
        member.topics = topics;
        const gone = before.filter((topic) => !topics.includes(topic));
        if (gone.length > 0) await options.onRevoked(of(gone), false);
        options.onAssigned(of(topics.filter((topic) => !before.includes(topic))));
      };
      if (this.denied.has(group)) options.settings.events.access?.(group, false);
      else void read(options.topics);
      const consumer: RequestConsumer = {
        group,
        protocol: () => 'classic',
        store: (topic, partition, offset) => void this.stored.set(`${topic}/${partition}`, offset),
        pause: (partitions) => void this.paused.push(...partitions),
        resume: (partitions) => void this.paused.splice(0, partitions.length),
        assignments: owned,
        lag: () => owned().map((partition) => ({ ...partition, lag: 7 })),
        renew: () => undefined,
        subscribe: read,
        rejoin: async (reason) => {
          this.renewed.push(`${group}: ${reason}`);
          const { topics } = member;
          await read([]);
          await read(topics);
        },
        healthy: () => this.trouble === null,
        trouble: () => this.trouble,
        close: async () => {
          this.#members = this.#members.filter((one) => one !== member);
          await options.onRevoked(owned(), false);
          await this.closing;
        },
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
    this.#members.find(({ topics }) => topics.includes(record.topic))?.options.onRecord(record);
  }
}

/** A member of a group. */
interface Member {
  readonly options: RequestConsumerOptions;
  /** That it reads. */
  topics: readonly string[];
}
