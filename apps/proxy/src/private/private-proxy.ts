import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KafkaRecord, KafkaSettings } from '@kafka-http-proxy/kafka';
import { createCorrelationIds, type ProxyConfig } from '@kafka-http-proxy/protocol';
import type { Logger } from '@kafka-http-proxy/service';
import { systemClock as clock } from '@kafka-http-proxy/streams';
import { configuredRequestTopics } from '../configured.js';
import { createCore } from '../core.js';
import { createDataPlane } from '../data-plane.js';
import { createPendingRequests } from '../exchange/pending.js';
import { createPublisher } from '../exchange/publisher.js';
import type { Ending } from '../ingress/ending.js';
import { createKafkaLink } from '../kafka/link.js';
import { budgetOf } from '../streams/streams.js';
import type { Narrowed } from './narrow.js';
import { type Sent, watchedProducer } from './watched-producer.js';

/** A proxy that only this user can reach. */
export interface PrivateProxy {
  /** Of a socket: HTTP is spoken there. */
  readonly socketPath: string;
  /** Resolves when the first request can be taken; rejects when that cannot come to be. */
  readonly connected: Promise<void>;
  /** Why no request can be taken: a sentence each. */
  troubles(): string[];
  /** Cuts what is not answered yet, and leaves Kafka. */
  close(): Promise<void>;
}

/** Who hears what becomes of the requests. */
export interface PrivateEvents {
  /** Kafka has the record of a request. */
  sent(sent: Sent): void;
  /** A record was read from a response topic: not every one is a reply, nor for us. */
  read(record: KafkaRecord): void;
  /** A request was answered; `error` where the answer is the proxy's own. */
  ended(ending: Ending): void;
}

/** What a private proxy is made of. */
export interface PrivateProxyOptions {
  readonly narrowed: Pick<Narrowed, 'whole' | 'link'>;
  readonly settings: KafkaSettings;
  /** Of no other proxy. */
  readonly instanceId: string;
  readonly logger: Logger;
  readonly events: PrivateEvents;
}

/** How long Kafka has to take what is on its way at the end, ms. */
const CLOSE_MS = 2000;

/**
 * Starts a proxy inside another program: the same core, link and data plane behind a socket in a directory of this user
 * alone, without metrics, management paths and a port.
 *
 * @throws Error, when the socket can't be made
 * @example
 * const proxy = await startPrivateProxy({ narrowed, settings, instanceId: 'request-1', logger, events });
 * await proxy.connected;
 * request({ socketPath: proxy.socketPath, path: '/orders' });
 */
export async function startPrivateProxy(options: PrivateProxyOptions): Promise<PrivateProxy> {
  const { narrowed, settings, instanceId, logger, events } = options;
  const { whole: config } = narrowed;
  const ids = createCorrelationIds();
  const pending = createPendingRequests(clock);
  const budget = budgetOf(config);
  const configured = configuredRequestTopics(config);
  const link = createKafkaLink(narrowed.link, { settings, instanceId, logger, nextId: ids.next, clock });
  const publish = createPublisher({
    producer: watchedProducer(link.producer, events.sent),
    wrote: link.wrote,
    maxRecordBytes: config.kafka.max_record_bytes,
    isConfigured: (topic) => configured.has(topic),
  });
  const core = createCore({ config, ids, pending, budget, publish, inboxes: link.control, events: UNCOUNTED, clock });
  const onRecord = (record: KafkaRecord) => {
    events.read(record);
    core.onRecord(record);
  };
  const connected = link.start({ onRecord, inFlight: () => pending.size });
  // Whoever looks at it hears of it.
  connected.catch(ignore);
  const ingress = createDataPlane({
    ...core,
    config: forOwner(config),
    budget,
    addresses: link,
    kafkaReady: link.ready,
    connected,
    events: { refused: ignore, limited: ignore, abandoned: ignore, ended: events.ended },
    nextId: ids.next,
    closing: () => false,
    management: null,
    clock,
  });
  // Node makes it for its owner alone (0700).
  const directory = await mkdtemp(join(tmpdir(), 'khp-'));
  const socketPath = join(directory, 'http');
  const close = async () => {
    ingress.destroy();
    ingress.stopAccepting();
    core.close();
    await Promise.all([link.close(CLOSE_MS), rm(directory, { recursive: true, force: true })]);
  };
  try {
    await ingress.listenAt(socketPath);
  } catch (error) {
    await close();
    throw error;
  }
  return { socketPath, connected, troubles: link.troubles, close };
}

function ignore(): void {}

/** Nobody asks this proxy for metrics. */
const UNCOUNTED = {
  replied: ignore,
  timedOut: ignore,
  late: ignore,
  foreign: ignore,
  malformedReply: ignore,
  opened: ignore,
  moved: ignore,
  claimRefused: ignore,
};

/** Without what a door keeps strangers to: nobody else can reach it. */
function forOwner(config: ProxyConfig): ProxyConfig {
  const open = { rate_limit: undefined, cors: undefined };
  return { ...config, ...open, routes: config.routes.map((route) => ({ ...route, ...open })) };
}
