import { retryDelayMs } from '@kafka-http-proxy/protocol';
import { KafkaClientFault } from '../port/failures.js';
import type { KafkaEvents } from '../port/settings.js';
import { CODE, clientError, errorName, fault } from './errors.js';
import type { RdClient, RdMetadata } from './librdkafka.js';
import type { ClientKind } from './settings.js';
import { pause } from './timing.js';

/*
 * What every client of librdkafka goes through: its events are routed, it is connected with
 * patience, asked for metadata, and disconnected once.
 */

/** How long one attempt to connect may wait for a broker; it occupies a thread of libuv's pool meanwhile. */
const ATTEMPT_MS = 2000;

/** The same error is reported again after this, ms. */
const REPEAT_MS = 10_000;

/** Sends librdkafka's errors and log lines to the owner; without it they would be lost, or thrown (`error`). */
function routeEvents(client: RdClient, kind: ClientKind, events: KafkaEvents): void {
  const toldAt = new Map<string, number>();
  client.on('event.error', (error) => {
    const told = clientError(error);
    // A client without brokers repeats itself: tens of times in one millisecond, then each second.
    if (Date.now() - (toldAt.get(told.message) ?? 0) < REPEAT_MS) return;
    toldAt.set(told.message, Date.now());
    events.error(kind, told);
  });
  client.on('error', (error) => events.error(kind, clientError(error)));
  client.on('warning', (error) => events.error(kind, clientError(error)));
  client.on('event.log', ({ severity, fac, message }) => events.log(kind, severity, `${fac} ${message}`));
}

/**
 * Makes a client and connects it, again and again until a broker answers: a service must be able to
 * start before Kafka. A client whose first metadata request failed was disconnected by the package,
 * so each attempt makes a new one.
 *
 * @throws {KafkaClientFault} at once when librdkafka refuses the configuration; after an attempt, when `signal` is aborted
 */
export async function connect<C extends RdClient>(
  kind: ClientKind,
  events: KafkaEvents,
  make: () => C,
  signal?: AbortSignal,
): Promise<C> {
  for (let attempt = 0; ; attempt++) {
    const client = construct(make);
    routeEvents(client, kind, events);
    try {
      await connectOnce(client, signal);
      return client;
    } catch (error) {
      const failed = fault('connecting to Kafka', error);
      if (failed.code === CODE.state || failed.code === CODE.invalidArgument) throw failed;
      // A producer that is not ready hands out no events, so they would not tell.
      events.error(kind, { code: failed.code, name: errorName(failed.code), message: failed.message, fatal: false });
      if (!signal?.aborted) await pause(retryDelayMs(attempt), signal);
      if (signal?.aborted) throw failed;
    }
  }
}

function construct<C>(make: () => C): C {
  try {
    return make();
  } catch (error) {
    throw fault('configuring the Kafka client', error);
  }
}

/** Whoever gives up does not wait for the attempt: it may hang in a resolver. What comes of it is let go of. */
async function connectOnce(client: RdClient, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const giveUp = (): void => reject(new KafkaClientFault('connecting to Kafka: given up', CODE.timedOut));
    signal?.addEventListener('abort', giveUp, { once: true });
    client.connect({ allTopics: false, timeout: ATTEMPT_MS }, (error) => {
      signal?.removeEventListener('abort', giveUp);
      if (error) return reject(error);
      if (!signal?.aborted) return resolve();
      void disconnect(client);
      giveUp();
    });
  });
}

/**
 * Asks the cluster about one topic, all topics (`null`), or only for a sign of life (`''`). Asking
 * for one may create it, where the broker creates topics by itself; asking for all never does.
 *
 * @throws {KafkaClientFault} when no broker answers in time
 */
export async function metadata(client: RdClient, topic: string | null, timeoutMs: number): Promise<RdMetadata> {
  if (!client.isConnected()) throw new KafkaClientFault('the Kafka client is closed', CODE.state);
  const options = {
    allTopics: topic === null,
    timeout: Math.max(1, Math.round(timeoutMs)),
    ...(topic ? { topic } : {}),
  };
  return await new Promise<RdMetadata>((resolve, reject) => {
    client.getMetadata(options, (error, found) =>
      error ? reject(fault(topic ? `metadata of ${topic}` : 'metadata', error)) : resolve(found),
    );
  });
}

/**
 * Stops a consumer's flow and lets what was read cross to the event loop. A message that is between
 * the reading thread and the event loop at a disconnect is never freed, and librdkafka then waits
 * for it without end (measured with 1.10.1; the thread keeps a core busy).
 */
export async function quiesce(client: RdClient, stop: () => void): Promise<void> {
  if (!client.isConnected()) return;
  try {
    stop();
  } catch {
    // Not assigned, or the broker is gone: there is no flow.
  }
  await pause(10);
}

const leaving = new WeakMap<RdClient, Promise<void>>();

/**
 * Disconnects a client, once however often it is called: a second disconnect, or one from within a
 * data callback, can crash the process (confluent-kafka-javascript#34). Never throws.
 */
export function disconnect(client: RdClient): Promise<void> {
  const known = leaving.get(client);
  if (known) return known;
  const left = new Promise<void>((resolve) => {
    setImmediate(() => {
      if (client.isConnected()) client.disconnect(() => resolve());
      else resolve();
    });
  });
  leaving.set(client, left);
  return left;
}
