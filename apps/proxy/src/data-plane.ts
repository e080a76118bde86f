import type { RequestListener } from 'node:http';
import { createViaMarks, type ProxyConfig } from '@kafka-http-proxy/protocol';
import { topicMatcher } from '@kafka-http-proxy/service';
import type { Clock, MemoryBudget } from '@kafka-http-proxy/streams';
import type { Core } from './core.js';
import type { ReplyAddresses } from './destination.js';
import { createBrowsers } from './door/cors.js';
import type { Door } from './door/door.js';
import { openDoor } from './door/open-door.js';
import { createLimits, type LimitsOptions } from './door/rate/limits.js';
import { createOwnFields } from './egress/own-fields.js';
import { withManagement } from './http/management.js';
import { createIngress, type Ingress, type IngressOptions } from './http/server.js';
import { type AdmissionOptions, createAdmission } from './ingress/admission.js';
import { createPaces } from './ingress/body/body-pace.js';
import { createBodyPlanner } from './ingress/body/body-plan.js';
import { createHandler } from './ingress/handler.js';
import { createHops } from './ingress/hops.js';
import type { RequestWayDeps } from './ingress/request-way-deps.js';
import { createRouter } from './ingress/routing.js';
import { createServerSpans, type ServerSpanOptions } from './ingress/server-span.js';
import { createGenerations } from './reload/generations.js';

/** What the data plane reports, for metrics and the log. */
export interface DataPlaneEvents extends Pick<RequestWayDeps, 'ended' | 'abandoned'>, Pick<LimitsOptions, 'limited'> {
  /** Refused before it was a request. */
  readonly refused: IngressOptions['refused'];
}

/** What is behind the data plane: the core, or the test in its place. */
export interface DataPlaneDeps extends Pick<AdmissionOptions, 'kafkaReady' | 'connected' | 'overload'> {
  readonly config: ProxyConfig;
  readonly budget: MemoryBudget;
  readonly exchange: Core['exchange'];
  readonly unread: Core['unread'];
  readonly streams: Pick<Core['streams'], 'idleMs' | 'recordBytes' | 'whyNoStreams'>;
  readonly addresses: ReplyAddresses;
  /** Left out: everybody gets in. */
  readonly door?: Door;
  readonly events: DataPlaneEvents;
  /** An id for a request that is refused before its exchange. */
  readonly nextId: () => string;
  /** True when each response should be the last of its connection. */
  readonly closing: () => boolean;
  /** Serves the management paths on the same port; null: another port does. */
  readonly management: RequestListener | null;
  /** Null, or left out: tracing is off. */
  readonly tracing?: Pick<ServerSpanOptions, 'tracing' | 'clientId'> | null | undefined;
  readonly clock: Clock;
  /** What the HTTP port speaks TLS with; null, or left out: plain HTTP. */
  readonly tls?: IngressOptions['tls'];
  /** Replaces what the server waits for a client, for tests. */
  readonly waits?: IngressOptions['waits'];
}

/** The data plane, as a start has it. */
export interface DataPlane extends Ingress {
  /**
   * Requests that come from now on go by another configuration. What needs a restart in it is not looked at.
   *
   * @param ended called when the last request is done that came before
   */
  change(config: ProxyConfig, ended: () => void): void;
}

/**
 * Wires all that is between the socket and the exchange. It is the same in the product and in tests.
 *
 * @example
 * const ingress = createDataPlane({ ...core, config, budget, addresses: link, ... });
 * const port = await ingress.listen('0.0.0.0', 8080);
 */
export function createDataPlane(deps: DataPlaneDeps): DataPlane {
  const { budget, exchange, unread, streams, addresses, events, nextId, closing, management, tracing, clock } = deps;
  const { idleMs, recordBytes, whyNoStreams } = streams;
  let { config } = deps;
  let route = createRouter({ config, matcher: topicMatcher });
  const generations = createGenerations();
  const browsers = createBrowsers(config);
  const limits = createLimits(config, { nowMs: () => performance.now(), limited: events.limited });
  // What a change of the configuration may change is asked for when it is needed.
  const paces = createPaces({
    get minRate() {
      return config.min_body_rate;
    },
    clock,
  });
  const admission = createAdmission({
    kafkaReady: deps.kafkaReady,
    overload: deps.overload,
    connected: deps.connected,
    get maxPending() {
      return config.max_pending;
    },
    get topicShare() {
      return config.topic_share;
    },
    clock,
  });
  const handle = createHandler({
    admission,
    door: deps.door ?? openDoor(),
    route: (request) => route(request),
    hops: createHops(createViaMarks('kafka-proxy', config.via)),
    bodies: createBodyPlanner({
      whyNoStreams,
      room: exchange.room,
      budget,
      paces,
      get maxBodyBytes() {
        return config.max_body_size;
      },
      maxRecordBytes: config.kafka.max_record_bytes,
      maxHeaderBytes: config.max_header_size,
      recordBytes,
      get withinMs() {
        return Math.ceil(config.body_timeout * 1000);
      },
    }),
    spans: tracing == null ? null : createServerSpans({ ...tracing, config: () => config.tracing }),
    generations,
    limits,
    browsers,
    addresses,
    exchange,
    paces,
    unread,
    own: createOwnFields({
      get requestId() {
        return config.request_id_header;
      },
      get serverTiming() {
        return config.server_timing;
      },
    }),
    budget,
    idleMs,
    clock,
    nextId,
    get maxBodyBytes() {
      return config.max_body_size;
    },
    closing,
    ended: events.ended,
    abandoned: events.abandoned,
  });
  const ingress = createIngress({
    maxHeaderBytes: config.max_header_size,
    headersMs: Math.ceil(config.headers_timeout * 1000),
    budget,
    get maxConnections() {
      return config.max_connections;
    },
    handle: management === null ? handle : withManagement(handle, management),
    refused: events.refused,
    tls: deps.tls,
    waits: deps.waits,
  });
  return {
    ...ingress,
    change(next, ended) {
      config = next;
      route = createRouter({ config, matcher: topicMatcher });
      limits.change(next);
      browsers.change(next);
      ingress.limitHeads(Math.ceil(next.headers_timeout * 1000));
      generations.next(ended);
    },
    destroy() {
      ingress.destroy();
      paces.close();
    },
  };
}
