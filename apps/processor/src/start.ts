import { hostname } from 'node:os';
import { type ProcessorConfig, processorConfig } from '@kafka-http-proxy/protocol';
import {
  type ConfigStatus,
  createCloser,
  createFloodGuard,
  createKafkaEvents,
  describeError,
  fixedConfigStatus,
  type Listening,
  type Logger,
  openTls,
  registerReadinessGauge,
  type StartLog,
} from '@kafka-http-proxy/service';
import { systemClock } from '@kafka-http-proxy/streams';
import type { Tracing } from '@kafka-http-proxy/tracing';
import type { Registry } from 'prom-client';
import { createBackendPools } from './backend/backend-pools.js';
import { createCore } from './core.js';
import { type KafkaClients, kafkaSettings, REAL_CLIENTS } from './kafka/clients.js';
import { createKafkaLink } from './kafka/link.js';
import { tellMovedOffsets } from './kafka/moved-offsets.js';
import { registerGauges } from './observe/gauges.js';
import { probePlan, startHealthProbes } from './observe/health-probes.js';
import { openManagement } from './observe/management.js';
import { createMetrics } from './observe/metrics.js';
import { lagOf, type Readiness, readiness, status } from './observe/status.js';
import { createTopicLog } from './observe/topic-log.js';
import { createReload, type Reload } from './reload.js';
import { addStops, MAX_REVOKE_MS, shutdownTimes } from './shutdown.js';

export interface ProcessorContext {
  readonly logger: Logger;
  /** For the lines of a start; the logger when left out. */
  readonly startLog?: StartLog;
  readonly registry: Registry;
  /** What `/status` says about the configuration; that it is the one given here when left out. */
  readonly configStatus?: () => ConfigStatus;
  /** Null, or left out: no request is traced. */
  readonly tracing?: Tracing | null | undefined;
  /** The Kafka clients; real ones when left out. */
  readonly clients?: KafkaClients;
}

/** A processor at work. */
export interface RunningProcessor {
  /** Null when management_port is 0. */
  readonly managementPort: number | null;
  /** Resolves when all consumers have joined; rejects when that can't come to be. */
  readonly connected: Promise<void>;
  ready(): Readiness;
  /** Goes by another configuration. @see RunningService.reload */
  readonly reload: Reload;
  /** Takes nothing more, finishes what runs, closes all; within shutdown_grace. */
  stop(): Promise<void>;
}

/**
 * Starts a processor. It returns as soon as it is built and its management port listens; it is
 * ready when Kafka is.
 *
 * @throws Error with a sentence, when the management port can't be listened on or a TLS file can't be read
 * @example
 * const logger = createLogger({ name: 'processor', level: 'info' });
 * const registry = createRegistry({ name: 'processor', version: '1' });
 * const processor = await startProcessor(processorConfig.parse(config), { logger, registry });
 * await processor.connected;
 * await processor.stop();
 */
export async function startProcessor(config: ProcessorConfig, context: ProcessorContext): Promise<RunningProcessor> {
  const { logger, startLog = logger, registry, clients = REAL_CLIENTS, tracing = null } = context;
  const { configStatus = fixed(config) } = context;
  const clock = systemClock;
  let times = shutdownTimes(config.shutdown_grace * 1000);
  const host = hostname();
  const flood = createFloodGuard(logger);
  const metrics = createMetrics(registry);
  const tls = openTls(config.tls, { tier: 'processor', registry, logger });
  const pools = createBackendPools();
  const probes = startHealthProbes({ ...probePlan(config), tlsOf: pools.tlsOf, clock, logger });
  const settings = kafkaSettings(config, host, createKafkaEvents({ logger, registry }));
  const instanceId = config.instance_id ?? host;
  const link = createKafkaLink({ config, settings, logger, clients, instanceId });
  const core = createCore({
    config,
    clock,
    logger,
    flood,
    metrics,
    events: {
      ...createTopicLog(logger, flood),
      onAttempt: (topic, answered) => probes.seen(topic, answered),
    },
    kafka: { ...link, lagOf: (topic) => lagOf(link, topic) },
    backendOf: pools.open,
    drainMs: () => times.revokeMs,
    spans: tracing === null ? null : { tracing, clientId: settings.clientId },
  });
  const { topics, dispatcher } = core;
  registerGauges(registry, { ...core, link, probes });

  let running = true;
  let management: Listening | null = null;
  const closer = createCloser(logger);
  addStops(closer, { flood, core, link, pools, probes, tls, management: () => management }, () => times);
  const stop = async (): Promise<void> => {
    running = false;
    await closer.close(times.graceMs);
  };
  const ready = () => readiness({ ...core, link }, running);
  registerReadinessGauge(registry, 'processor', ready);
  try {
    const current = () => status({ ...core, link, probes, running: () => running, configStatus });
    management = await openManagement(config, { registry, logger, tls, ready, status: current });
  } catch (error) {
    await stop();
    throw error;
  }
  const connected = link.start({
    onRecord: core.onRecord,
    onInbox: core.onInbox,
    onAssigned: core.rebalance.assigned,
    onRevoked: core.rebalance.revoked,
    onMoved: tellMovedOffsets({ logger, skipped: metrics.skipped }),
    revokeTimeoutMs: MAX_REVOKE_MS,
    // Its own is over when the reply is written; those whose replies wait for Kafka have no more to send.
    inFlight: () => dispatcher.active + 1,
  });
  const managementPort = management?.port ?? null;
  connected.then(
    () => startLog.info({ topics: [...topics.keys()], managementPort }, 'reading'),
    (error: unknown) => running && logger.error(`cannot work with Kafka: ${describeError(error)}`),
  );
  const reload = createReload(config, {
    core,
    link,
    pools,
    probes,
    tls,
    took(next) {
      times = shutdownTimes(next.shutdown_grace * 1000);
    },
  });
  return { managementPort, connected, ready, reload, stop };
}

function fixed(config: ProcessorConfig): () => ConfigStatus {
  const status = fixedConfigStatus(config, processorConfig);
  return () => status;
}
