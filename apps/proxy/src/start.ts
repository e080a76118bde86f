import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseInboxPartitions } from '@kafka-http-proxy/kafka';
import {
  BridgeError,
  createCorrelationIds,
  createViaMarks,
  type ProxyConfig,
  shownId,
} from '@kafka-http-proxy/protocol';
import {
  createCloser,
  createFloodGuard,
  createKafkaEvents,
  createManagementApp,
  describeError,
  type FloodGuard,
  type Logger,
  listen,
  type StartLog,
  topicMatcher,
} from '@kafka-http-proxy/service';
import { systemClock } from '@kafka-http-proxy/streams';
import type { Registry } from 'prom-client';
import { configuredRequestTopics } from './configured.js';
import { createUnreadReplies } from './egress/unread-replies.js';
import { type Replied, repliedChannel } from './exchange/diagnostics.js';
import { createExchange } from './exchange/exchange.js';
import { createOverload } from './exchange/overload.js';
import { createPendingRequests } from './exchange/pending.js';
import { createPublisher, type Publish } from './exchange/publisher.js';
import { createReplySink } from './exchange/replies.js';
import { createWhereabouts } from './exchange/whereabouts.js';
import { createIngress } from './http/server.js';
import { createAdmission } from './ingress/admission.js';
import { createPaces } from './ingress/body-pace.js';
import { createBodyPlanner } from './ingress/body-plan.js';
import { createHandler, type Ending } from './ingress/handler.js';
import { createHops } from './ingress/hops.js';
import { createRouter } from './ingress/routing.js';
import { openKafkaLink } from './kafka/link.js';
import { createNeighbours } from './kafka/neighbours.js';
import { createMetrics } from './metrics.js';
import { createStreams } from './streams/streams.js';

export interface ProxyContext {
  readonly logger: Logger;
  /** For the lines of a start; the logger when left out. */
  readonly startLog?: StartLog;
  readonly registry: Registry;
}

/** A proxy that listens. */
export interface RunningProxy {
  readonly port: number;
  /** The main port when management_port is 0. */
  readonly managementPort: number;
  /** Resolves when the first request can be taken; rejects when that cannot come to be. */
  readonly connected: Promise<void>;
  ready(): { ready: boolean; reasons: string[]; notes: string[] };
  /** Takes nothing more, answers what is pending, closes Kafka; within shutdown_grace. */
  stop(): Promise<void>;
}

const MANAGEMENT_PATHS = new Set(['/health', '/ready', '/metrics']);

/** An idle connection is ended this long after the stop began: a request may be on its way on it. */
const IDLE_MS = 1000;

/** Part of shutdown_grace kept for telling those who still wait, and for closing Kafka. */
const RESERVE_MS = 2000;

/**
 * Starts a proxy. It listens at once, and is ready as soon as Kafka is.
 *
 * @throws Error with a sentence, when a port cannot be listened on
 */
export async function startProxy(config: ProxyConfig, context: ProxyContext): Promise<RunningProxy> {
  const { logger, startLog = logger, registry } = context;
  const instanceId = config.instance_id ?? hostname();
  const ids = createCorrelationIds();
  const pending = createPendingRequests();
  const metrics = createMetrics({
    registry,
    config,
    pending: () => pending.size,
    activeConsumers: () => link.activeTopics(),
    reserved: () => streams.budget.reserved,
  });
  const flood = createFloodGuard(logger);
  let draining = false;

  const overload = createOverload({ on: config.load_shedding, waiting: pending.waiting, clock: systemClock });
  const publish: Publish = (request, to, settled) =>
    publisher(request, to, (error) => {
      if (error === null && to.named) link.wrote(to.requestTopic);
      settled(error);
    });
  const streams = createStreams({
    config,
    control: () => link.control,
    clock: systemClock,
    opened: metrics.opened,
    moved: metrics.moved,
    claimRefused: metrics.claimRefused,
  });
  const { budget, noStreams, recordBytes } = streams;
  const unread = createUnreadReplies(budget);
  const requestTopics = configuredRequestTopics(config);
  const whereabouts = createWhereabouts({
    ask: (question) => link.control.ask(question),
    nextId: ids.next,
    isConfigured: (topic) => requestTopics.has(topic),
    clock: systemClock,
  });
  const exchange = createExchange({
    explain: whereabouts.explain,
    ids,
    pending,
    conversations: streams.conversations,
    publish,
    maxRecordBytes: config.kafka.max_record_bytes,
    noStreams,
    enter: unread.enter,
    events: {
      ...metrics,
      replied(to, { correlationId, tookMs, error }, elapsedMs) {
        const { requestTopic: topic, timeoutMs } = to;
        metrics.replied(topic, elapsedMs);
        whereabouts.replied(topic);
        // What failed was not worked off: it says nothing of how fast that goes.
        if (tookMs !== null && error === null) overload.replied(topic, elapsedMs - tookMs, timeoutMs);
        if (repliedChannel.hasSubscribers)
          repliedChannel.publish({ correlationId: shownId(correlationId), topic, elapsedMs } satisfies Replied);
      },
    },
    version: config.wire === 'v1' ? 1 : 2,
    controlTopic: config.control_topic,
    now: Date.now,
  });
  // A processor of 1.0.1 knows no partitions, so its replies may be in any of them.
  const configured = config.wire === 'v1' ? 'all' : config.reply_partition;
  const link = openKafkaLink({
    config,
    settings: {
      bootstrapServers: config.kafka.bootstrap_servers,
      clientId: `kafka-proxy-${instanceId}`,
      properties: config.kafka.properties,
      maxRecordBytes: config.kafka.max_record_bytes,
      events: createKafkaEvents({ logger, registry }),
    },
    logger,
    choosePartitions: (_topic, count) => chooseInboxPartitions({ configured, instanceId }, count),
    owner: { instance: instanceId, run: randomUUID() },
    neighbours: createNeighbours({ instanceId, readsAll: configured === 'all', logger, clock: systemClock }),
    onRecord: createReplySink(exchange, metrics.malformedReply, config.kafka.max_record_bytes, whereabouts.answered),
    nextId: ids.next,
    inFlight: () => pending.size,
  });
  const publisher = createPublisher(
    () => link.producer(),
    config.kafka.max_record_bytes,
    (topic) => requestTopics.has(topic),
  );

  const readiness = () => {
    const reasons = draining ? ['shutting down'] : link.troubles();
    return { ready: reasons.length === 0, reasons, notes: [...link.notes(), ...whereabouts.notes()] };
  };
  const admission = createAdmission({
    maxPending: config.max_pending,
    topicShare: config.topic_share,
    kafkaReady: link.ready,
    overload,
    connected: link.connected,
    clock: systemClock,
  });
  const paces = createPaces({ minRate: config.min_body_rate, clock: systemClock });
  const handle = createHandler({
    admission,
    paces,
    unread,
    budget,
    route: createRouter({
      config,
      matcher: topicMatcher,
    }),
    hops: createHops(createViaMarks('kafka-proxy', config.via)),
    addresses: link,
    exchange,
    bodies: createBodyPlanner({
      noStreams,
      room: exchange.room,
      budget,
      paces,
      maxBodyBytes: config.max_body_size,
      maxRecordBytes: config.kafka.max_record_bytes,
      maxHeaderBytes: config.max_header_size,
      recordBytes,
      withinMs: Math.ceil(config.body_timeout * 1000),
    }),
    idleMs: streams.idleMs,
    clock: systemClock,
    nextId: ids.next,
    maxBodyBytes: config.max_body_size,
    closing: () => draining,
    ended(ending) {
      metrics.ended(ending);
      if (ending.error) logFailure(flood, ending);
    },
    abandoned: metrics.abandoned,
  });
  const isPublic = config.management_port === 0;
  const management = createManagementApp({ registry, ready: readiness, isPublic });
  const ingress = createIngress({
    maxHeaderBytes: config.max_header_size,
    headersMs: Math.ceil(config.headers_timeout * 1000),
    budget,
    maxConnections: config.max_connections,
    handle: isPublic ? withManagement(handle, management) : handle,
    refused: metrics.refused,
  });

  const closer = createCloser(logger);
  closer.add('Kafka', (graceMs) => link.close(graceMs));
  try {
    const port = await ingress.listen(config.host, config.port);
    let managementPort = port;
    if (config.management_port !== 0) {
      const listening = await listen(management, { host: config.host, port: config.management_port });
      managementPort = listening.port;
      closer.add('the management server', (graceMs) => listening.close(Math.min(graceMs, IDLE_MS)));
    }
    startLog.info({ port, managementPort, instanceId }, `listening on port ${port}`);
    if (config.allowed_topics.includes('*')) logger.warn(ANY_TOPIC);
    link.connected.then(
      () => startLog.info({ topics: link.activeTopics() }, 'ready'),
      (error: unknown) => draining || logger.error(`cannot work with Kafka: ${describeError(error)}`),
    );

    const stop = async (): Promise<void> => {
      draining = true;
      const graceMs = config.shutdown_grace * 1000;
      ingress.stopAccepting();
      const drained = ingress.drained(Math.min(IDLE_MS, graceMs / 2));
      const late = new AbortController();
      await Promise.race([
        drained,
        sleep(Math.max(graceMs - RESERVE_MS, graceMs / 2), undefined, { signal: late.signal }),
      ]);
      late.abort();
      // Whoever still waits is told, rather than cut off.
      exchange.failAll(new BridgeError('shutting_down', 'This instance shut down before the reply arrived.'));
      await Promise.race([drained, sleep(100)]);
      ingress.destroy();
      streams.watch.close();
      paces.close();
      whereabouts.close();
      flood.flush();
      await closer.close(RESERVE_MS);
    };
    let stopped: Promise<void> | undefined;
    return {
      port,
      managementPort,
      connected: link.connected,
      ready: readiness,
      stop() {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (error) {
    ingress.destroy();
    await closer.close(RESERVE_MS);
    throw error;
  }
}

const ANY_TOPIC =
  'allowed_topics: * lets every client write to each topic that this login may write to, and have the brokers create ' +
  'topics where they do that by themselves; a record in a topic such as connect-configs is a command: name the ' +
  'topics that clients may use, or [] for the configured ones only';

type Handle = ReturnType<typeof createHandler>;

/** As in 1.0.1, the management paths share the main port. */
function withManagement(handle: Handle, management: RequestListener): Handle {
  return (request, response, method, expectsContinue) => {
    const url = request.url ?? '';
    const queryAt = url.indexOf('?');
    if ((method === 'GET' || method === 'HEAD') && MANAGEMENT_PATHS.has(queryAt < 0 ? url : url.slice(0, queryAt))) {
      management(request, response);
    } else handle(request, response, method, expectsContinue);
  };
}

/** The one line of a failed request. */
function logFailure(flood: FloodGuard, { error, correlationId, method, topic, status, elapsedMs }: Ending): void {
  if (!error) return;
  flood.warn(
    error.code,
    {
      correlationId: correlationId && shownId(correlationId),
      code: error.code,
      status,
      method,
      topic,
      elapsedMs: Math.round(elapsedMs),
      ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
    },
    error.message,
  );
}
