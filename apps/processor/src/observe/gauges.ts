import { Gauge, type Registry } from 'prom-client';
import type { GateState, PauseReason } from '../dispatch/work.js';

/** Values that are read when somebody looks. */
export interface ProcessorGauges {
  /** Requests and replies that go on in parts. */
  readonly streams: () => number;
  readonly activeConsumers: () => number;
  readonly inFlight: () => number;
  readonly lag: () => Iterable<{ topic: string; partition: number; lag: number }>;
  readonly breakers: () => Iterable<{ topic: string; state: GateState }>;
  readonly pauses: () => Iterable<{ topic: string; reasons: readonly PauseReason[] }>;
  readonly backends: () => Iterable<{ topic: string; backend: string; up: boolean | null }>;
}

const BREAKER_VALUES: Readonly<Record<GateState, number>> = { closed: 0, half_open: 1, open: 2 };

const PAUSE_REASONS: readonly PauseReason[] = ['pressure', 'unhealthy'];

/**
 * Registers the gauges of a processor.
 *
 * @example
 * registerGauges(registry, { ...gauges, inFlight: () => dispatcher.active });
 */
export function registerGauges(registry: Registry, gauges: ProcessorGauges): void {
  const registers = [registry];
  new Gauge({
    name: 'processor_streams',
    help: 'Requests whose body or reply goes on in parts.',
    registers,
    collect() {
      this.set(gauges.streams());
    },
  });
  new Gauge({
    name: 'processor_active_consumers',
    help: 'Consumers that have their assignment and read.',
    registers,
    collect() {
      this.set(gauges.activeConsumers());
    },
  });
  new Gauge({
    name: 'processor_messages_in_flight',
    help: 'Records that are being processed, queued ones not included.',
    registers,
    collect() {
      this.set(gauges.inFlight());
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
      for (const { topic, partition, lag } of gauges.lag()) this.set({ topic, partition }, lag);
    },
  });
  new Gauge({
    name: 'processor_breaker_state',
    help: 'The circuit breaker of a topic: 0 closed, 1 half open, 2 open.',
    labelNames: ['topic'],
    registers,
    collect() {
      for (const { topic, state } of gauges.breakers()) this.set({ topic }, BREAKER_VALUES[state]);
    },
  });
  new Gauge({
    name: 'processor_paused',
    help: 'Whether nothing more is read of a topic: for too many unfinished requests, or because its backend fails often.',
    labelNames: ['topic', 'reason'],
    registers,
    collect() {
      for (const { topic, reasons } of gauges.pauses()) {
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
      for (const { topic, backend, up } of gauges.backends()) {
        if (up !== null) this.set({ topic, backend }, up ? 1 : 0);
      }
    },
  });
}
