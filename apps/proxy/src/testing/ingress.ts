import {
  BridgeError,
  createViaMarks,
  type ErrorCode,
  type ProxyConfig,
  proxyConfig,
  type ReplyEnvelope,
} from '@kafka-http-proxy/protocol';
import { topicMatcher } from '@kafka-http-proxy/service';
import { type Clock, createMemoryBudget, type MemoryBudget, systemClock } from '@kafka-http-proxy/streams';
import { RawClient } from '@kafka-http-proxy/testkit';
import type { Destination } from '../destination.js';
import { createUnreadReplies } from '../egress/unread-replies.js';
import type { Exchange, OutboundRequest } from '../exchange/exchange.js';
import { createIngress, type Ingress, type IngressOptions } from '../http/server.js';
import { createAdmission } from '../ingress/admission.js';
import { createPaces } from '../ingress/body-pace.js';
import { createBodyPlanner } from '../ingress/body-plan.js';
import { createHandler, type Ending } from '../ingress/handler.js';
import { createHops } from '../ingress/hops.js';
import { createRouter } from '../ingress/routing.js';
import type { Waiter } from '../waiter.js';

/** One request as it would go to Kafka, and its waiter. */
export interface Arrived extends OutboundRequest {
  readonly to: Destination;
  readonly waiter: Waiter;
  abandoned: boolean;
}

/** The data plane on a real socket, and what it tells. */
export interface DataPlane {
  readonly ingress: Ingress;
  readonly port: number;
  readonly endings: Ending[];
  readonly refusals: ErrorCode[];
  /** Clients that went away. */
  gone: number;
  closing: boolean;
  /** Sends raw bytes on a connection of its own. */
  dial(): Promise<RawClient>;
  stop(): void;
}

/** The data plane with the test in the place of the exchange. */
export interface TestIngress extends DataPlane {
  /** Answers each request from now on. */
  answer: (request: Arrived) => void;
  /** What arrived, in order. */
  readonly arrived: Arrived[];
  readonly budget: MemoryBudget;
}

export function replyOf(fields: Partial<ReplyEnvelope> = {}): ReplyEnvelope {
  return {
    version: 2,
    correlationId: 'id',
    status: 200,
    reason: null,
    headers: [],
    error: null,
    tookMs: null,
    body: Buffer.from('ok'),
    trailers: null,
    sequence: null,
    ...fields,
  };
}

export async function startTestIngress(
  settings: Record<string, unknown> = {},
  waits: IngressOptions['waits'] = {},
  connected?: Promise<void>,
): Promise<TestIngress> {
  const config = proxyConfig.parse({ ...settings });
  const arrived: Arrived[] = [];
  const exchange: Exchange = {
    start(request, to, _address, waiter) {
      const one: Arrived = { ...request, to, waiter, abandoned: false };
      arrived.push(one);
      request.published?.();
      queueMicrotask(() => test.answer(one));
      return {
        correlationId: 'id',
        abandon() {
          one.abandoned = true;
        },
      };
    },
    startUpload() {
      throw new BridgeError('overloaded', 'No streams here.');
    },
    room: () => config.kafka.max_record_bytes - 100,
    settle: () => undefined,
    take: () => undefined,
    failAll: () => undefined,
    pending: 0,
  };
  const budget = createMemoryBudget({ limitBytes: config.memory_budget, maxStreams: 10, streamWindow: 65_536 });
  const plane = await startDataPlane({ config, exchange, waits, budget, ...(connected && { connected }) });
  const test: TestIngress = Object.assign(plane, {
    arrived,
    budget,
    answer: (request: Arrived) => request.waiter.reply(replyOf()),
  });
  return test;
}

export interface DataPlaneOptions {
  readonly config: ProxyConfig;
  readonly exchange: Exchange;
  readonly waits?: IngressOptions['waits'];
  readonly budget?: MemoryBudget;
  readonly noStreams?: () => string | null;
  /** Of slow bodies and replies. */
  readonly clock?: Clock;
  /** Kafka can be used; resolved when left out. */
  readonly connected?: Promise<void>;
}

/** Listens with an exchange in place of the real one, or of Kafka. */
export async function startDataPlane({
  config,
  exchange,
  waits = {},
  budget = createMemoryBudget({ limitBytes: config.memory_budget, maxStreams: 10, streamWindow: config.stream_window }),
  noStreams = () => null,
  clock = systemClock,
  connected = Promise.resolve(),
}: DataPlaneOptions): Promise<DataPlane> {
  const endings: Ending[] = [];
  const refusals: ErrorCode[] = [];
  const paces = createPaces({ minRate: config.min_body_rate, clock });
  const ingress = createIngress({
    waits,
    budget,
    maxConnections: config.max_connections,
    maxHeaderBytes: config.max_header_size,
    headersMs: config.headers_timeout * 1000,
    refused: (code) => refusals.push(code),
    handle: createHandler({
      // Tests of Via name it; the others see what came and nothing else.
      hops: createHops(createViaMarks('kafka-proxy', config.via ?? 'off')),
      admission: createAdmission({
        maxPending: config.max_pending,
        topicShare: config.topic_share,
        kafkaReady: () => true,
        overload: { check: () => undefined },
        connected,
        clock: systemClock,
      }),
      route: createRouter({ config, matcher: topicMatcher }),
      addresses: {
        addressOf: () => ({ topic: 'common-responses', partition: 0 }),
        open: () => Promise.reject(new BridgeError('kafka_unavailable', 'none')),
        lease: () => undefined,
      },
      exchange,
      paces,
      unread: createUnreadReplies(budget),
      budget,
      bodies: createBodyPlanner({
        noStreams,
        room: exchange.room,
        budget,
        paces,
        maxBodyBytes: config.max_body_size,
        maxRecordBytes: config.kafka.max_record_bytes,
        maxHeaderBytes: config.max_header_size,
        recordBytes: config.record_bytes,
        withinMs: config.body_timeout * 1000,
      }),
      idleMs: config.stream_idle_timeout * 1000,
      clock,
      nextId: () => 'refused-id',
      maxBodyBytes: config.max_body_size,
      closing: () => plane.closing,
      ended: (ending) => endings.push(ending),
      abandoned: () => {
        plane.gone++;
      },
    }),
  });
  const port = await ingress.listen('127.0.0.1', 0);
  const plane: DataPlane = {
    ingress,
    port,
    endings,
    refusals,
    gone: 0,
    closing: false,
    dial: () => RawClient.dial(port),
    stop() {
      ingress.stopAccepting();
      ingress.destroy();
    },
  };
  return plane;
}
