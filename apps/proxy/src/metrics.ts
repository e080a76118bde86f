import type { BridgeError, ErrorCode, ProxyConfig } from '@kafka-http-proxy/protocol';
import {
  boundedLabel,
  type CounterSeries,
  LatencyHistogram,
  type LatencySeries,
  methodLabel,
  RequestCounter,
} from '@kafka-http-proxy/service';
import { Counter, Gauge, type Registry } from 'prom-client';
import { configuredRequestTopics } from './configured.js';
import type { CoreEvents } from './core.js';
import type { DataPlaneEvents } from './data-plane.js';
import { sampledOf } from './exchange/exchange-spans.js';
import type { Ending } from './ingress/ending.js';

/** Request topics that get a label of their own, beside the configured ones; the rest is `other`. */
const MAX_TOPIC_LABELS = 50;

/** What the proxy counts. Names and labels of the first six are 1.0.1's. */
export interface ProxyMetrics extends CoreEvents, DataPlaneEvents {
  /** These request topics are configured now too: they have labels of their own. */
  name(topics: Iterable<string>): void;
  ended(ending: Ending): void;
  abandoned(): void;
  refused(code: ErrorCode): void;
  limited(route: string): void;
}

/** Where metrics are registered, and what gauges ask. */
export interface MetricsOptions {
  readonly registry: Registry;
  readonly config: ProxyConfig;
  /** Requests that wait for a reply. */
  readonly pending: () => number;
  /** Response topics that are read. */
  readonly activeConsumers: () => number;
  /** Bytes that are held for strangers, but for streams. */
  readonly reserved: () => number;
}

/**
 * Registers the metrics of a proxy.
 *
 * @example
 * const metrics = createMetrics({ registry, config, pending, activeConsumers, reserved });
 * metrics.replied('orders', 12);
 */
export function createMetrics({ registry, config, pending, activeConsumers, reserved }: MetricsOptions): ProxyMetrics {
  const registers = [registry];
  const topicLabel = boundedLabel(MAX_TOPIC_LABELS, 'other', configuredRequestTopics(config));

  const requests = new RequestCounter({
    name: 'proxy_requests_total',
    help: 'Requests by method, request topic and outcome: success, timeout or error.',
    labelNames: ['method', 'topic', 'status'] as const,
    registry,
  });
  const latency = new LatencyHistogram({
    name: 'proxy_request_latency_seconds',
    help: 'Time from the head of a request to the end of its response.',
    labelNames: ['method', 'topic'] as const,
    registry,
  });
  const kafkaLatency = new LatencyHistogram({
    name: 'proxy_kafka_latency_seconds',
    help: 'Time from the publication of a request to the arrival of its reply, of the first record where it streams.',
    labelNames: ['topic'] as const,
    registry,
  });
  new Gauge({
    name: 'proxy_pending_requests',
    help: 'Requests that wait for their reply.',
    registers,
    collect() {
      this.set(pending());
    },
  });
  const timeouts = new Counter({
    name: 'proxy_timeouts_total',
    help: 'Requests whose deadline passed without a reply.',
    labelNames: ['topic'] as const,
    registers,
  });
  new Gauge({
    name: 'proxy_active_consumers',
    help: 'Response topics that are read.',
    registers,
    collect() {
      this.set(activeConsumers());
    },
  });
  const responses = new RequestCounter({
    name: 'proxy_responses_total',
    help: 'Responses to clients by the class of their status.',
    labelNames: ['class'] as const,
    registry,
  });
  const errors = new Counter({
    name: 'proxy_errors_total',
    help: 'Requests that this proxy answered with a problem, or whose response it cut, by the code.',
    labelNames: ['code'] as const,
    registers,
  });
  const abandoned = new Counter({
    name: 'proxy_client_disconnects_total',
    help: 'Requests whose client went away before the end of the answer.',
    registers,
  });
  const limited = new Counter({
    name: 'proxy_rate_limited_total',
    help: 'Requests that were refused for a rate limit, by the path of their route; default where they went by none.',
    labelNames: ['route'] as const,
    registers,
  });
  for (const route of ['default', ...config.routes.map(({ path }) => path)]) limited.inc({ route }, 0);
  const late = new Counter({
    name: 'proxy_late_replies_total',
    help: 'Replies that came when nobody waited for them any longer.',
    registers,
  });
  const foreign = new Counter({
    name: 'proxy_foreign_replies_total',
    help: 'Replies for other instances that share a partition with this one.',
    registers,
  });
  const malformed = new Counter({
    name: 'proxy_malformed_replies_total',
    help: 'Records of response topics that are no reply, by what was wrong with them.',
    labelNames: ['fault'] as const,
    registers,
  });

  const streams = new Gauge({
    name: 'proxy_streams',
    help: 'Bodies that are streamed at the moment, by direction: upload or reply.',
    labelNames: ['direction'] as const,
    registers,
  });
  const streamBytes = new Counter({
    name: 'proxy_stream_bytes_total',
    help: 'Bytes of bodies that were streamed, by direction: upload or reply.',
    labelNames: ['direction'] as const,
    registers,
  });
  const streamSeries = {
    upload: { open: streams.labels({ direction: 'upload' }), bytes: streamBytes.labels({ direction: 'upload' }) },
    reply: { open: streams.labels({ direction: 'reply' }), bytes: streamBytes.labels({ direction: 'reply' }) },
  };
  for (const { open } of Object.values(streamSeries)) open.set(0);
  const claims = new Counter({
    name: 'proxy_claims_refused_total',
    help: 'Records that asked for a body or announced a reply and were refused, by why: inbox, unknown or second.',
    labelNames: ['reason'] as const,
    registers,
  });
  for (const reason of ['inbox', 'unknown', 'second']) claims.inc({ reason }, 0);
  const cuts = new Counter({
    name: 'proxy_streams_cut_total',
    help: 'Responses that were broken off in their middle, by the reason.',
    labelNames: ['reason'] as const,
    registers,
  });
  new Gauge({
    name: 'proxy_memory_reserved_bytes',
    help: 'Bytes that are held of whole request bodies, heads, and replies that clients have not taken.',
    registers,
    collect() {
      this.set(reserved());
    },
  });

  const bound = new Map<string, Map<string, BoundSeries>>();
  const series = (method: string, topic: string): BoundSeries => {
    let methods = bound.get(topic);
    if (methods === undefined) {
      methods = new Map();
      bound.set(topic, methods);
    }
    let known = methods.get(method);
    if (known === undefined) {
      known = {
        success: requests.labels({ method, topic, status: 'success' }),
        timeout: requests.labels({ method, topic, status: 'timeout' }),
        error: requests.labels({ method, topic, status: 'error' }),
        latency: latency.labels({ method, topic }),
      };
      methods.set(method, known);
    }
    return known;
  };
  const classes = [2, 3, 4, 5].map((hundreds) => responses.labels({ class: `${hundreds}xx` }));
  const kafkaSeries = new Map<string, LatencySeries>();

  return {
    ended({ method, topic, status, elapsedMs, error, cut, traced }) {
      const known = series(methodLabel(method), topic === undefined ? 'none' : topicLabel(topic));
      known[outcomeOf(error)].inc();
      known.latency.observe(elapsedMs / 1000, sampledOf(traced)?.trace.traceId);
      classes[Math.min(Math.floor(status / 100), 5) - 2]?.inc();
      if (error) errors.inc({ code: error.code });
      if (cut !== undefined) cuts.inc({ reason: cut });
    },
    refused: (code) => errors.inc({ code }),
    abandoned: () => abandoned.inc(),
    limited: (route) => limited.inc({ route }),
    malformedReply: (fault) => malformed.inc({ fault }),
    replied(topic, elapsedMs, traceId) {
      const label = topicLabel(topic);
      let histogram = kafkaSeries.get(label);
      if (histogram === undefined) {
        histogram = kafkaLatency.labels({ topic: label });
        kafkaSeries.set(label, histogram);
      }
      histogram.observe(elapsedMs / 1000, traceId);
    },
    name: topicLabel.admit,
    timedOut: (topic) => timeouts.inc({ topic: topicLabel(topic) }),
    late: () => late.inc(),
    foreign: () => foreign.inc(),
    claimRefused: (reason) => claims.inc({ reason }),
    opened: (direction, change) => streamSeries[direction].open.inc(change),
    moved(direction, bytes) {
      if (bytes > 0) streamSeries[direction].bytes.inc(bytes);
    },
  };
}

/** Metrics of one method and topic, their labels bound once. */
interface BoundSeries {
  readonly success: CounterSeries;
  readonly timeout: CounterSeries;
  readonly error: CounterSeries;
  readonly latency: LatencySeries;
}

function outcomeOf(error: BridgeError | undefined): 'success' | 'timeout' | 'error' {
  if (error === undefined) return 'success';
  return error.code === 'timeout' ? 'timeout' : 'error';
}
