import { hostname } from 'node:os';
import { createCorrelationIds, type ProxyConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import {
  concerns,
  createCloser,
  createKafkaEvents,
  createManagementApp,
  describeError,
  fixedConfigStatus,
  listen,
  openTls,
  registerReadinessGauge,
} from '@kafka-http-proxy/service';
import { systemClock as clock } from '@kafka-http-proxy/streams';
import { accessLogOf } from './access-log/configured.js';
import { configuredRequestTopics } from './configured.js';
import { createCore } from './core.js';
import { createDataPlane } from './data-plane.js';
import { createDoor } from './door/door.js';
import { doorEvents } from './door/door-events.js';
import { createPendingRequests } from './exchange/pending.js';
import { createPublisher } from './exchange/publisher.js';
import { createFailureLog } from './ingress/failure-log.js';
import { createKafkaLink } from './kafka/link.js';
import { createMetrics } from './metrics.js';
import type { ProxyContext, RunningProxy } from './running-proxy.js';
import { IDLE_MS, RESERVE_MS, shutDown } from './shutdown.js';
import { proxyStatus } from './status.js';
import { budgetOf } from './streams/streams.js';
import { warningsOf } from './warnings.js';

/**
 * Starts a proxy. It listens at once, and is ready as soon as Kafka is.
 *
 * @throws Error with a sentence, when a port cannot be listened on
 * @example
 * const proxy = await startProxy(proxyConfig.parse({ port: 8080 }), { logger, registry: new Registry() });
 * await proxy.connected;
 * await proxy.stop();
 */
export async function startProxy(config: ProxyConfig, context: ProxyContext): Promise<RunningProxy> {
  const { logger, startLog = logger, registry, configStatus = () => loaded, tracing = null } = context;
  const loaded = fixedConfigStatus(config, proxyConfig);
  let current = config;
  const { max_record_bytes: maxRecordBytes } = config.kafka;
  const instanceId = config.instance_id ?? hostname();
  const clientId = `kafka-proxy-${instanceId}`;
  const ids = createCorrelationIds();
  const pending = createPendingRequests(clock);
  const budget = budgetOf(config);

  const tls = openTls(config.tls, { tier: 'proxy', registry, logger });
  const door = await createDoor(config, { events: doorEvents(logger, registry), clock });
  const link = createKafkaLink(config, {
    settings: {
      bootstrapServers: config.kafka.bootstrap_servers,
      clientId,
      properties: config.kafka.properties,
      maxRecordBytes,
      events: createKafkaEvents({ logger, registry }),
    },
    instanceId,
    logger,
    nextId: ids.next,
    clock,
  });
  const metrics = createMetrics({
    registry,
    config,
    pending: () => pending.size,
    activeConsumers: link.activeTopics,
    reserved: () => budget.reserved,
  });
  const publish = createPublisher({
    producer: link.producer,
    wrote: link.wrote,
    maxRecordBytes,
    isConfigured: (topic) => configuredRequestTopics(current).has(topic),
  });
  const core = createCore({ config, ids, pending, budget, publish, inboxes: link.control, events: metrics, clock });
  const connected = link.start({ onRecord: core.onRecord, inFlight: () => pending.size });

  let stopped: Promise<void> | undefined;
  const closing = () => stopped !== undefined;
  const readiness = () => {
    const reasons = closing() ? ['shutting down'] : link.troubles();
    return {
      ready: reasons.length === 0,
      reasons,
      notes: [...link.notes(), ...core.whereabouts.notes(), ...door.notes()],
    };
  };
  registerReadinessGauge(registry, 'proxy', readiness);
  const isPublic = config.management_port === 0;
  const status = () =>
    proxyStatus({ instanceId, pending: pending.size, inboxes: link.inboxes(), config: configStatus() });
  const management = createManagementApp({
    registry,
    ready: readiness,
    isPublic,
    // It names topics and partitions: nobody's business on the main port.
    ...(!isPublic && { extra: (app) => void app.get('/status', (_request, response) => void response.json(status())) }),
  });
  const failures = createFailureLog(logger);
  let access = accessLogOf(config, context.output);
  const ingress = createDataPlane({
    ...core,
    config,
    budget,
    addresses: link,
    door,
    kafkaReady: link.ready,
    connected,
    events: {
      refused(code, head) {
        metrics.refused(code);
        access?.refused(code, head);
      },
      limited: metrics.limited,
      abandoned(request) {
        metrics.abandoned();
        access?.abandoned(request);
      },
      ended(ending, request) {
        metrics.ended(ending);
        failures.ended(ending);
        access?.ended(ending, request);
      },
    },
    nextId: ids.next,
    tracing: tracing === null ? null : { tracing, clientId },
    closing,
    management: isPublic ? management : null,
    tls: tls && { endpoint: tls, asksClients: true },
    clock,
  });

  const closer = createCloser(logger);
  closer.add('Kafka', link.close);
  closer.add('the door', () => Promise.resolve(door.close()));
  if (tls !== null) closer.add('TLS', () => tls.close());
  try {
    const port = await ingress.listen(config.host, config.port);
    let managementPort = port;
    if (!isPublic) {
      const listening = await listen(management, {
        host: config.host,
        port: config.management_port,
        // Neither probes nor Prometheus have a certificate to show.
        tls: tls && { endpoint: tls, asksClients: false },
      });
      managementPort = listening.port;
      closer.add('the management server', (graceMs) => listening.close(Math.min(graceMs, IDLE_MS)));
    }
    startLog.info({ port, managementPort, instanceId }, `listening on port ${port}`);
    for (const warning of warningsOf(config)) logger.warn(warning);
    connected.then(
      () => startLog.info({ topics: link.activeTopics() }, 'ready'),
      (error: unknown) => closing() || logger.error(`cannot work with Kafka: ${describeError(error)}`),
    );
    return {
      port,
      managementPort,
      connected,
      ready: readiness,
      async reload(next, changes) {
        const renewTls = next.tls && concerns(changes, 'tls') ? tls?.prepare(next.tls) : undefined;
        const nextDoor = await door.prepare(next);
        const commit = await link.prepare(next, changes).catch((error: unknown) => {
          nextDoor.abandon();
          throw error;
        });
        // Nothing from here on can fail, or waits: no request sees half of it.
        const release = commit();
        nextDoor.commit();
        core.change(next);
        renewTls?.();
        ingress.change(next, release);
        metrics.name(configuredRequestTopics(next));
        access?.flush();
        access = accessLogOf(next, context.output);
        for (const warning of warningsOf(next)) if (!warningsOf(current).includes(warning)) logger.warn(warning);
        current = next;
      },
      stop() {
        stopped ??= shutDown({
          graceMs: current.shutdown_grace * 1000,
          ingress,
          core,
          logs: [failures, access],
          closer,
        });
        return stopped;
      },
    };
  } catch (error) {
    ingress.destroy();
    await closer.close(RESERVE_MS);
    throw error;
  }
}
