import { createFloodGuard } from '@kafka-http-proxy/service';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import type { RecordingTracing } from '@kafka-http-proxy/tracing/testing';
import { Registry } from 'prom-client';
import { type Mock, vi } from 'vitest';
import type { Backend, BackendSink } from '../backend/backend.js';
import type { BackendRequest } from '../backend/backend-request.js';
import { createCore } from '../core.js';
import { registerGauges } from '../observe/gauges.js';
import { createMetrics } from '../observe/metrics.js';
import { type Fate, MemoryProducer } from './memory-producer.js';
import { config as makeConfig } from './samples.js';

export type Respond = (request: BackendRequest, sink: BackendSink) => void;

/** Answers 200 with `body`, a moment later. */
export function ok(body = 'fine'): Respond {
  return (_request, sink) =>
    queueMicrotask(() => {
      sink.head({ status: 200, reason: null, headers: ['Content-Type', 'text/plain', 'Connection', 'close'] });
      sink.data(Buffer.from(body));
      sink.end(null);
    });
}

/** Can't be reached, a moment later. */
export const broken: Respond = (_request, sink) =>
  queueMicrotask(() => sink.failed({ kind: 'unreachable', sent: true, cause: new Error('ECONNREFUSED') }));

/** The core of a processor, between a backend and a Kafka that are in memory; the clock is turned by hand. */
export function pipeline(options: {
  readonly respond?: Respond;
  readonly fate?: Fate;
  /** False: there is no control topic to read. */
  readonly inbox?: boolean | (() => boolean);
  /** Whether missing response topics can be made. */
  readonly makesTopics?: boolean;
  /** Traces as the fake of tests does. @param clock of the pipeline */
  readonly traced?: (clock: FakeClock) => RecordingTracing;
  readonly config?: Parameters<typeof makeConfig>[0];
}) {
  const config = makeConfig({ dead_letter_topic: 'dead', ...options.config });
  const clock = new FakeClock();
  const registry = new Registry();
  const tracing = options.traced?.(clock) ?? null;
  const producer = new MemoryProducer(options.fate);
  const called: BackendRequest[] = [];
  /** Backends that are used no more, by their URLs. */
  const released: string[] = [];
  const aborted: Mock = vi.fn();
  const resumed: Mock = vi.fn();
  const cut: Mock = vi.fn();
  const respond = options.respond ?? ok();
  const backend: Backend = {
    send(request, sink) {
      called.push(request);
      respond(request, sink);
      return { sent: true, abort: aborted, resume: resumed };
    },
  };
  const metrics = createMetrics(registry);
  const logger: Record<'warn' | 'error' | 'info', Mock> = { warn: vi.fn(), error: vi.fn(), info: vi.fn() };
  const stored: number[] = [];
  const made: string[] = [];
  const reading: Mock = vi.fn();
  const { inbox: has = true } = options;
  const hasInbox = typeof has === 'boolean' ? () => has : has;
  const core = createCore({
    config,
    clock,
    logger,
    flood: createFloodGuard(logger, clock.now),
    metrics,
    events: {
      onBreaker() {},
      onAttempt() {},
      onCut: (_topic, correlationId, code, cause, trace) => cut(correlationId, code, cause, trace),
    },
    kafka: {
      send: (record, settled) => producer.send(record, settled),
      store: (_topic, _partition, offset) => stored.push(offset),
      pause: (topic, partitions) => void reading('pause', topic, partitions),
      resume: (topic, partitions) => void reading('resume', topic, partitions),
      make(topic) {
        made.push(topic);
        return Promise.resolve(options.makesTopics ?? false);
      },
      inbox: () => (hasInbox() === false ? undefined : { topic: 'khp-control', partition: 2 }),
      lagOf: () => 0,
    },
    backendOf: ({ backend_url }) => ({
      id: backend_url,
      backend: { send: (request, sink) => backend.send(request, sink) },
      release: () => void released.push(backend_url),
    }),
    drainMs: () => 1_000,
    spans: tracing === null ? null : { tracing, clientId: 'tested' },
    backlog: { records: 2 * config.max_concurrent_requests, bytes: 1_000_000, totalBytes: 2_000_000 },
  });
  registerGauges(registry, { ...core, link: { consumers: () => [] }, probes: { up: () => null } });
  const value = async (name: string, labels: Record<string, string> = {}): Promise<number> => {
    const metric = await registry.getSingleMetric(name)?.get();
    const matches = metric?.values.filter((one) =>
      Object.entries(labels).every(([label, text]) => (one.labels as Record<string, unknown>)[label] === text),
    );
    return (matches ?? []).reduce((sum, one) => sum + one.value, 0);
  };
  core.rebalance.assigned([{ topic: 'requests', partition: 0 }]);
  return {
    ...core,
    config,
    clock,
    producer,
    called,
    released,
    aborted,
    resumed,
    cut,
    logger,
    stored,
    made,
    reading,
    value,
  };
}
