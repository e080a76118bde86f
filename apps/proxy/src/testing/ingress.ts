import { readFileSync } from 'node:fs';
import {
  BridgeError,
  type ErrorCode,
  type HeaderList,
  type ProxyConfig,
  proxyConfig,
  type ReplyEnvelope,
} from '@kafka-http-proxy/protocol';
import type { TlsEndpoint } from '@kafka-http-proxy/service';
import { createMemoryBudget, type MemoryBudget, systemClock } from '@kafka-http-proxy/streams';
import { RawClient } from '@kafka-http-proxy/testkit';
import { accessLogOf } from '../access-log/configured.js';
import type { Core } from '../core.js';
import { createDataPlane, type DataPlane } from '../data-plane.js';
import type { Destination } from '../destination.js';
import { createDoor } from '../door/door.js';
import { createUnreadReplies } from '../egress/unread-replies.js';
import type { Exchange } from '../exchange/exchange.js';
import type { OutboundHead, OutboundRequest } from '../exchange/outbound.js';
import type { IngressOptions } from '../http/server.js';
import type { Ending } from '../ingress/ending.js';
import type { Waiter } from '../waiter.js';

/** One request as it would go to Kafka, and its waiter. */
export interface Arrived extends OutboundHead, Omit<OutboundRequest, 'head'> {
  readonly to: Destination;
  readonly waiter: Waiter;
  abandoned: boolean;
}

/** The data plane on a real socket, and what it reports. */
export interface TestPlane {
  readonly ingress: DataPlane;
  readonly port: number;
  readonly endings: Ending[];
  /** What the door found of those who had to say who they are: `jwt ok`. */
  readonly judged: string[];
  readonly refusals: ErrorCode[];
  /** Routes of requests that were refused for their limit. */
  readonly limited: string[];
  /** Of the access log, where the settings have one. */
  readonly lines: string[];
  /** Clients that went away. */
  gone: number;
  closing: boolean;
  /** Sends raw bytes on a connection of its own. */
  dial(): Promise<RawClient>;
  /** Clients that send the same, and do not read. */
  dialSilent(count: number, bytes: string): Promise<RawClient[]>;
  stop(): void;
}

/** The data plane with the test in the place of the exchange. */
export interface TestIngress extends TestPlane {
  /** Answers each request from now on. */
  answer: (request: Arrived) => void;
  /** What arrived, in order. */
  readonly arrived: Arrived[];
  readonly budget: MemoryBudget;
}

/** A reply: 200 with `ok`, but for the given fields. */
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

/** Listens; the test answers what arrives, or it gets 200. */
export async function startTestIngress(
  settings: Record<string, unknown> = {},
  waits: IngressOptions['waits'] = {},
  connected?: Promise<void>,
): Promise<TestIngress> {
  const config = proxyConfig.parse({ ...settings });
  const arrived: Arrived[] = [];
  const exchange: Exchange = {
    start(request, to, _address, waiter) {
      const { head, ...rest } = request;
      const one: Arrived = { ...head, headers: asSent(head.headers), ...rest, to, waiter, abandoned: false };
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
    failAll: () => undefined,
  };
  const budget = createMemoryBudget({ limitBytes: config.memory_budget, maxStreams: 10, streamWindow: 65_536 });
  const plane = await startTestPlane({
    config,
    exchange,
    waits,
    budget,
    unread: createUnreadReplies(budget),
    streams: {
      idleMs: config.stream_idle_timeout * 1000,
      recordBytes: config.record_bytes,
      whyNoStreams: () => null,
    },
    ...(connected && { connected }),
  });
  const test: TestIngress = Object.assign(plane, {
    arrived,
    budget,
    answer: (request: Arrived) => request.waiter.reply(replyOf()),
  });
  return test;
}

/** The certificate of the test planes of this file, and its authority. */
interface Secured {
  readonly endpoint: TlsEndpoint;
  readonly ca: string;
}
let secured: Secured | null = null;
let overTls = false;

/** Over TLS one field more goes on than the client sent. */
function asSent(headers: HeaderList): HeaderList {
  return secured !== null && headers.at(-2) === 'X-Forwarded-Proto' ? headers.slice(0, -2) : headers;
}

/** Has the planes of this test file speak TLS, and their clients too; the certificate may come later. */
export function speakTls(plane: Secured | null): void {
  overTls = true;
  secured = plane;
}

/** True where a test file is run once more, over TLS. */
export function isOverTls(): boolean {
  return overTls;
}

/** What a test plane stands before: the core, or the test in its place. */
export interface TestPlaneOptions {
  readonly config: ProxyConfig;
  readonly budget: MemoryBudget;
  readonly exchange: Exchange;
  readonly unread: Core['unread'];
  readonly streams: Pick<Core['streams'], 'idleMs' | 'recordBytes' | 'whyNoStreams'>;
  readonly waits?: IngressOptions['waits'];
  /** Kafka can be used; resolved when left out. */
  readonly connected?: Promise<void>;
}

/** Listens, with the product's data plane. */
export async function startTestPlane(options: TestPlaneOptions): Promise<TestPlane> {
  const { config, budget, exchange, unread, streams, waits = {}, connected = Promise.resolve() } = options;
  const endings: Ending[] = [];
  const refusals: ErrorCode[] = [];
  const limited: string[] = [];
  const lines: string[] = [];
  const access = accessLogOf(config, { offer: (more) => void lines.push(...more) });
  const judged: string[] = [];
  const door = await createDoor(config, {
    events: { judged: (method, result) => judged.push(`${method} ${result}`), fetched: () => undefined },
    clock: systemClock,
  });
  const ingress = createDataPlane({
    door,
    // Tests of Via name it; the others see what came and nothing else.
    config: { ...config, via: config.via ?? 'off' },
    budget,
    exchange,
    unread,
    streams,
    waits,
    overload: { check: () => undefined },
    kafkaReady: () => true,
    connected,
    addresses: {
      addressOf: () => ({ topic: 'common-responses', partition: 0 }),
      open: () => Promise.reject(new BridgeError('kafka_unavailable', 'none')),
      lease: () => undefined,
    },
    events: {
      refused(code, head) {
        refusals.push(code);
        access?.refused(code, head);
      },
      limited: (route) => void limited.push(route),
      ended(ending, request) {
        endings.push(ending);
        access?.ended(ending, request);
      },
      abandoned(request) {
        plane.gone++;
        access?.abandoned(request);
      },
    },
    nextId: () => 'refused-id',
    closing: () => plane.closing,
    management: null,
    tls: secured && { endpoint: secured.endpoint, asksClients: true },
    clock: systemClock,
  });
  const port = await ingress.listen('127.0.0.1', 0);
  const dial = () =>
    secured === null ? RawClient.dial(port) : RawClient.dialTls(port, { ca: readFileSync(secured.ca, 'utf8') });
  const plane: TestPlane = {
    ingress,
    port,
    endings,
    judged,
    refusals,
    limited,
    lines,
    gone: 0,
    closing: false,
    dial,
    async dialSilent(count, bytes) {
      const clients = await Promise.all(Array.from({ length: count }, dial));
      for (const client of clients) {
        client.socket.pause();
        client.send(bytes);
      }
      return clients;
    },
    stop() {
      ingress.stopAccepting();
      ingress.destroy();
      door.close();
    },
  };
  return plane;
}
