import type { AccessNeed, DeniedAccess } from './access.js';
import type { KafkaSendError } from './failures.js';
import type { OutgoingRecord, WrittenAt } from './records.js';
import type { TopicStates } from './topics.js';

/** Writes records. Each is settled exactly once. */
export interface RecordProducer {
  /**
   * Hands a record to the client, which copies it. `settled` is called exactly once, later: with
   * null when all in-sync replicas have the record, and where it is, else with the error. Never throws: what
   * cannot be queued at all is settled with its error in a microtask.
   */
  send(record: OutgoingRecord, settled: (error: KafkaSendError | null, at?: WrittenAt) => void): void;
  /** {@link send} as a promise. @throws {KafkaSendError} */
  deliver(record: OutgoingRecord): Promise<void>;
  /**
   * How many partitions a topic has: 0 when it does not exist (asking may create it, where the
   * broker creates topics by itself). Also loads its metadata, so that the first record need not wait.
   *
   * @throws {KafkaClientFault} when no broker answers in `timeoutMs`, or an ACL forbids to look at it
   */
  partitionsOf(topic: string, timeoutMs?: number): Promise<number>;
  /** Which of these needs, one a resource, Kafka denies to this principal now. @throws when no broker answers */
  denied(needs: readonly AccessNeed[]): Promise<DeniedAccess[]>;
  /**
   * What Kafka says of these topics now; never creates one.
   *
   * @throws {KafkaClientFault} when no broker answers
   */
  describe(topics: readonly string[]): Promise<TopicStates>;
  /**
   * Recreates the client: the topics that it knows were replaced by others of the same names. For a while, what was
   * sent before is settled as Kafka answers it, and may come after what is sent from now on.
   */
  renew(reason: string): Promise<void>;
  /** False from the moment that no broker can be reached until one answers again. */
  available(): boolean;
  /** Flushes what is queued for at most `timeoutMs`, then disconnects. May be called again. */
  close(timeoutMs: number): Promise<void>;
}
