import type { BridgeError, ReplyEnvelope } from '@kafka-http-proxy/protocol';
import type { SequenceSink } from '@kafka-http-proxy/streams';

/** Who waits for a reply: called once, by one of them. */
export interface Waiter {
  /** The whole reply. @param elapsedMs since its request was handed to Kafka; left out where that is not known */
  reply(reply: ReplyEnvelope, elapsedMs?: number): void;
  /** The head of a reply that streams; its body, from the first byte on, goes to what is returned. */
  stream(head: ReplyEnvelope, source: ReplySource, elapsedMs?: number): SequenceSink;
  fail(error: BridgeError, correlationId: string): void;
}

/** Where a reply that streams comes from, as seen by who writes it to the client. */
export interface ReplySource {
  /** Bytes have gone on to the client: as many more may come. */
  consumed(bytes: number): void;
  /** Nobody takes the rest: the processor is told. */
  cancel(): void;
  /** Nothing of it is held here any longer. Called once, however it ended. */
  release(): void;
}
