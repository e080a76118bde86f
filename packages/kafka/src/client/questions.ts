import { KafkaClientFault } from '../port/failures.js';
import { CODE, fault } from './errors.js';
import type { RdClient } from './librdkafka.js';

/**
 * Questions to Kafka by an admin client that shares a client's handle: one that is under way would use the handle
 * after its end, so whoever disconnects waits for them first.
 */
export interface Questions {
  /** @throws {KafkaClientFault} when the client is closed, or the question failed */
  ask<T>(doing: string, question: () => Promise<T>): Promise<T>;
  /** Resolves when none is under way. */
  settled(): Promise<void>;
}

/** Keeps count of the questions that use the handle of `client`. */
export function createQuestions(client: Pick<RdClient, 'isConnected'>): Questions {
  const asking = new Set<Promise<unknown>>();
  return {
    async ask(doing, question) {
      if (!client.isConnected()) throw new KafkaClientFault(`${doing}: the Kafka client is closed`, CODE.state);
      const asked = question().catch((error: unknown) => {
        throw fault(doing, error);
      });
      asking.add(asked);
      const answered = () => asking.delete(asked);
      asked.then(answered, answered);
      return await asked;
    },
    async settled() {
      await Promise.allSettled(asking);
    },
  };
}
