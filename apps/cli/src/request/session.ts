import { once } from 'node:events';
import type { KafkaInspector } from '@kafka-http-proxy/kafka';
import { explainSilence, printable } from '@kafka-http-proxy/operate';
import { timeoutSignal } from '@kafka-http-proxy/protocol';
import {
  type Narrowed,
  type PrivateProxy,
  passingInstance,
  proxyNeeds,
  startPrivateProxy,
} from '@kafka-http-proxy/proxy';
import { createLogger } from '@kafka-http-proxy/service';
import { CONNECT_MS, type Connection, inspect } from '../connection/connection.js';
import { CommandFailure } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { groupOf } from './destination.js';
import { REQUEST_EXIT } from './exit.js';
import { createObserver, type Observer } from './observer.js';

/** A proxy of this command's own, which can take requests. */
export interface Session {
  readonly socketPath: string;
  readonly observer: Observer;
  /** Why the last request was not answered, as far as its consumer group tells; null: it does not. */
  explain(): Promise<string | null>;
  close(): Promise<void>;
}

/**
 * Starts the proxy and waits until it can take a request. Nothing is created in Kafka for it.
 *
 * @throws CommandFailure where Kafka can't be reached, or lacks a topic or a right
 */
export async function openSession(connection: Connection, narrowed: Narrowed, host: Host): Promise<Session> {
  const inspector = await inspect(connection, host, REQUEST_EXIT.unreachable);
  let proxy: PrivateProxy | undefined;
  const close = async () => {
    await Promise.all([proxy?.close(), inspector.close()]);
  };
  try {
    const counts = await topicsOf(inspector, narrowed);
    await checkAccess(inspector, narrowed);
    const { instanceId, settings } = named(connection);
    const observer = createObserver();
    const logger = createLogger({ name: 'request', level: 'silent', destination: { write: () => undefined } });
    const before = new Map<string, Promise<Committed>>();
    for (const topic of narrowed.requestTopics) before.set(topic, committedOf(inspector, connection, counts, topic));
    proxy = await startPrivateProxy({ narrowed, settings, instanceId, logger, events: observer });
    await untilConnected(proxy, connection, host);
    await Promise.all(before.values());
    return {
      socketPath: proxy.socketPath,
      observer,
      async explain() {
        const at = observer.sentLast();
        if (at === null) return null;
        return explainSilence({
          topic: at.topic,
          at,
          group: groupOf(connection, at.topic),
          before: (await before.get(at.topic)) ?? null,
          after: await committedOf(inspector, connection, counts, at.topic),
          answered: observer.answered(),
        });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function named({ settings }: Connection) {
  const instanceId = passingInstance();
  return { instanceId, settings: { ...settings, clientId: `kafka-proxy-${instanceId}` } };
}

/** Committed offsets by partition; null: Kafka does not tell. */
type Committed = ReadonlyMap<number, number> | null;

/** Partitions of the topics that are needed. @throws CommandFailure where one is missing */
async function topicsOf(inspector: KafkaInspector, narrowed: Narrowed): Promise<ReadonlyMap<string, number>> {
  const { topics } = await inspector.cluster();
  const missing = [...narrowed.requestTopics, ...narrowed.responseTopics].filter((topic) => !topics.has(topic));
  if (missing.length > 0)
    throw new CommandFailure(
      `Kafka has no topic ${missing.map(printable).join(', ')}, or does not let this principal see it. "kafka-http-proxy topics list" shows what there is.`,
    );
  return new Map([...topics].map(([topic, partitions]) => [topic, partitions.length]));
}

/** Says at once what a proxy would wait for. @throws CommandFailure */
async function checkAccess(inspector: KafkaInspector, { link }: Narrowed): Promise<void> {
  // A broker that does not tell may let it through all the same.
  const found = await inspector.denied(proxyNeeds(link)).catch(() => []);
  const denied = found.filter(({ optional }) => !optional);
  if (denied.length === 0) return;
  const rights = denied.map(({ operations, resource, name }) => `${operations.join(' and ')} on ${resource} ${name}`);
  throw new CommandFailure(`Kafka denies ${printable(rights.join(', '))}. A request needs what a proxy needs.`);
}

async function committedOf(
  inspector: KafkaInspector,
  connection: Connection,
  counts: ReadonlyMap<string, number>,
  topic: string,
): Promise<Committed> {
  const partitions = Array.from({ length: counts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition }));
  try {
    const found = await inspector.committed(groupOf(connection, topic), partitions);
    return new Map(found.map(({ partition, offset }) => [partition, offset]));
  } catch {
    // It is only for a sentence: without Describe on the group there is none.
    return null;
  }
}

async function untilConnected(proxy: PrivateProxy, { refused, troubles }: Connection, { signal }: Host): Promise<void> {
  const giveUp = AbortSignal.any([signal, refused, timeoutSignal(CONNECT_MS)]);
  const over = giveUp.aborted ? Promise.resolve() : once(giveUp, 'abort');
  const connected = await Promise.race([proxy.connected.then(() => true), over.then(() => false)]);
  if (connected) return;
  signal.throwIfAborted();
  const why = [...new Set([...proxy.troubles(), ...troubles().slice(-1)])].map(printable).join('; ');
  throw new CommandFailure(`No request can be sent: ${why}`, REQUEST_EXIT.unreachable);
}
