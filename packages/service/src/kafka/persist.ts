import { setTimeout as sleep } from 'node:timers/promises';
import { retryDelayMs } from '@kafka-http-proxy/protocol';
import { describeError } from '../log/describe-error.js';
import type { Logger } from '../log/logger.js';

/** Repeats what Kafka may not be ready for, and says what it waits for. */
export interface Persistence {
  /** Repeats a step until it succeeds. @throws what the step threw last, when the signal is aborted */
  persist(what: string, step: () => Promise<unknown>): Promise<void>;
  /** What the latest attempt failed with, in a sentence; null when it succeeded. */
  trouble(): string | null;
}

/** How steps are repeated, and who hears of failures. */
export interface PersistenceOptions {
  /** Gets each new sentence, once. */
  readonly logger: Pick<Logger, 'warn'>;
  /** Most between two attempts, ms; the first waits are shorter. @see retryDelayMs */
  readonly retryMs: number;
  readonly signal: AbortSignal;
}

/**
 * Repeats steps until Kafka is ready for them, with waits that grow up to `retryMs`.
 *
 * @example
 * const { persist, trouble } = createPersistence({ logger, retryMs: 1_000, signal });
 * await persist('looking up orders', () => producer.partitionsOf('orders'));
 */
export function createPersistence({ logger, retryMs, signal }: PersistenceOptions): Persistence {
  let trouble: string | null = null;
  return {
    trouble: () => trouble,
    async persist(what, step) {
      for (let failed = 0; ; failed++) {
        try {
          await step();
          trouble = null;
          return;
        } catch (error) {
          if (signal.aborted) throw error;
          const sentence = `${what}: ${describeError(error)}`;
          if (sentence !== trouble) logger.warn(sentence);
          trouble = sentence;
          await sleep(retryDelayMs(failed, retryMs), undefined, { signal }).catch(() => {
            throw error;
          });
        }
      }
    },
  };
}
