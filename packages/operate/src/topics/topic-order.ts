import type { TopicOrder } from '../repairs/kafka-tools.js';

/** What a topic is for. */
export type TopicRole = 'requests' | 'replies' | 'control' | 'dead letters' | 'marks';

/** A topic that is to be made, as far as configurations say it. */
export interface WantedTopic {
  readonly name: string;
  readonly role: TopicRole;
  /** -1: the brokers' default. */
  readonly partitions: number;
  /** -1: the brokers' default. */
  readonly replicationFactor: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How long each kind is kept, and why. */
const KEPT: Readonly<Record<TopicRole, { readonly config: Readonly<Record<string, string>>; readonly why: string }>> = {
  requests: { config: {}, why: "the brokers' retention: a request whose deadline is over is skipped" },
  replies: {
    config: { 'retention.ms': String(HOUR_MS) },
    why: '1 hour: a reply that was not read at once has nobody to go to',
  },
  control: { config: { 'retention.ms': String(HOUR_MS) }, why: '1 hour: it steers streams that are open' },
  'dead letters': {
    config: { 'retention.ms': String(30 * DAY_MS) },
    why: '30 days: they wait for somebody who repairs and sends them again',
  },
  marks: { config: { 'cleanup.policy': 'compact' }, why: 'compacted: the last mark of each dead letter counts' },
};

/** How a topic of this role is best made. Marks have one partition, since their order counts. */
export function topicOrder({ name, role, partitions, replicationFactor }: WantedTopic): TopicOrder {
  return {
    name,
    partitions: role === 'marks' ? 1 : partitions,
    replicationFactor,
    config: KEPT[role].config,
  };
}

/** Why a topic of this role is kept as long as it is: the end of a sentence. */
export function retentionAdvice(role: TopicRole): string {
  return KEPT[role].why;
}
