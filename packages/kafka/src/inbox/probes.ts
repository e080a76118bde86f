import { CODE, fault } from '../client/errors.js';
import { pause } from '../client/timing.js';
import { KafkaClientFault } from '../port/failures.js';
import type { InboxReaderOptions } from '../port/inbox-reader.js';
import type { TopicPartition } from '../port/records.js';
import { type Canary, createCanary } from './canary.js';
import { INBOX_GROUP } from './reader-session.js';

/** How long the first canary of a partition may take, ms. */
const OPEN_MS = 10_000;

/** What became of a canary: read again, never written (Kafka is away), or written and not read. */
export type Probe = { readonly outcome: 'back' | 'silent' } | { readonly outcome: 'unsent'; readonly cause: unknown };

/** The canaries that are under way. */
export interface Probes {
  /** A canary was read; false when it is none of these. */
  came(id: string): boolean;
  /** Writes one and waits for it. Never rejects. */
  probe(at: TopicPartition, timeoutMs: number): Promise<Probe>;
  /** Resolves when one came back. @throws {KafkaClientFault} when it did not */
  proven(at: TopicPartition): Promise<void>;
}

/** @param signal ends the waiting */
export function createProbes(
  { settings, producer, owner }: Pick<InboxReaderOptions, 'settings' | 'producer' | 'owner'>,
  signal: AbortSignal,
): Probes {
  const canaries = new Map<string, () => void>();
  const probe: Probes['probe'] = async (at, timeoutMs) => {
    const canary: Canary = createCanary(at, owner);
    const timer = new AbortController();
    try {
      const back = new Promise<Probe>((resolve) => {
        canaries.set(canary.id, () => {
          settings.events.access?.(INBOX_GROUP, true);
          resolve({ outcome: 'back' });
        });
      });
      await producer.deliver(canary.record);
      const late = pause(timeoutMs, AbortSignal.any([timer.signal, signal]))
        // One turn more: after a blocked event loop the timer is ahead of the records.
        .then(() => pause(20))
        .then((): Probe => ({ outcome: 'silent' }));
      return await Promise.race([back, late]);
    } catch (cause) {
      return { outcome: 'unsent', cause };
    } finally {
      timer.abort();
      canaries.delete(canary.id);
    }
  };
  return {
    came(id) {
      const known = canaries.get(id);
      known?.();
      return known !== undefined;
    },
    probe,
    async proven(at) {
      const result = await probe(at, OPEN_MS);
      if (result.outcome === 'unsent') throw fault(`canary to ${at.topic}/${at.partition}`, result.cause);
      if (result.outcome === 'silent') {
        throw new KafkaClientFault(`canary to ${at.topic}/${at.partition} did not come back`, CODE.timedOut);
      }
    },
  };
}
