import { Gauge, type Registry } from 'prom-client';
import type { Topic } from '../attempts/topic.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { GateState, PauseReason } from '../dispatch/work.js';
import type { KafkaLink } from '../kafka/link.js';
import type { Conversations } from '../streams/conversations.js';
import type { HealthProbes } from './health-probes.js';
import { activeConsumers } from './status.js';

/** Where the values are read when somebody looks. */
export interface GaugeSources {
  readonly topics: ReadonlyMap<string, Pick<Topic, 'config' | 'breaker'>>;
  readonly dispatcher: Pick<Dispatcher, 'active' | 'pausedBy'>;
  readonly conversations: Pick<Conversations, 'size'>;
  readonly link: Pick<KafkaLink, 'consumers'>;
  readonly probes: Pick<HealthProbes, 'up'>;
}

const BREAKER_VALUES: Readonly<Record<GateState, number>> = { closed: 0, half_open: 1, open: 2 };

const PAUSE_REASONS: readonly PauseReason[] = ['pressure', 'unhealthy'];

/**
 * Registers the gauges of a processor.
 *
 * @example
 * registerGauges(registry, { topics, dispatcher, conversations, link, probes });
 */
export function registerGauges(registry: Registry, sources: GaugeSources): void {
  const { topics, dispatcher, conversations, link, probes } = sources;
  const registers = [registry];
  new Gauge({
    name: 'processor_streams',
    help: 'Requests whose body or reply goes on in parts.',
    registers,
    collect() {
      this.set(conversations.size);
    },
  });
  new Gauge({
    name: 'processor_active_consumers',
    help: 'Consumers that have their assignment and read.',
    registers,
    collect() {
      this.set(activeConsumers(link));
    },
  });
  new Gauge({
    name: 'processor_messages_in_flight',
    help: 'Records that are being processed, queued ones not included.',
    registers,
    collect() {
      this.set(dispatcher.active);
    },
  });
  new Gauge({
    name: 'processor_consumer_lag',
    help: 'Records of a partition that were not read yet.',
    labelNames: ['topic', 'partition'],
    registers,
    collect() {
      // Partitions come and go.
      this.reset();
      for (const consumer of link.consumers()) {
        for (const { topic, partition, lag } of consumer.lag()) this.set({ topic, partition }, lag);
      }
    },
  });
  new Gauge({
    name: 'processor_breaker_state',
    help: 'The circuit breaker of a topic: 0 closed, 1 half open, 2 open.',
    labelNames: ['topic'],
    registers,
    collect() {
      // Topics come and go.
      this.reset();
      for (const [topic, { breaker }] of topics) this.set({ topic }, BREAKER_VALUES[breaker.state()]);
    },
  });
  new Gauge({
    name: 'processor_paused',
    help: 'Whether nothing more is read of a topic: for too many unfinished requests, or because its backend fails often.',
    labelNames: ['topic', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const topic of topics.keys()) {
        const reasons = dispatcher.pausedBy(topic);
        for (const reason of PAUSE_REASONS) this.set({ topic, reason }, reasons.includes(reason) ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'processor_backend_up',
    help: 'Whether a backend is up: its last health probe was answered below 500, or an attempt since was answered; 0 after three attempts in a row without an answer.',
    labelNames: ['topic', 'backend'],
    registers,
    collect() {
      this.reset();
      for (const [topic, { config }] of topics) {
        const up = probes.up(topic);
        if (up !== null) this.set({ topic, backend: config.backend_url }, up ? 1 : 0);
      }
    },
  });
}
