import { KafkaSendError, type OutgoingRecord, type RecordProducer, type SendFailure } from '@kafka-http-proxy/kafka';

/** How the n-th record (from 0) to a topic fails; null: it is acknowledged. */
export type Fate = (topic: string, nth: number) => SendFailure | null;

/** A producer that keeps what it is given. */
export class MemoryProducer implements Pick<RecordProducer, 'send'> {
  /** Records that were acknowledged. */
  readonly sent: OutgoingRecord[] = [];
  readonly tries: string[] = [];
  readonly #counts = new Map<string, number>();

  constructor(private readonly fate: Fate = () => null) {}

  send(record: OutgoingRecord, settled: (error: KafkaSendError | null) => void): void {
    const nth = this.#counts.get(record.topic) ?? 0;
    this.#counts.set(record.topic, nth + 1);
    this.tries.push(record.topic);
    const failure = this.fate(record.topic, nth);
    if (failure === null) this.sent.push(record);
    queueMicrotask(() => settled(failure === null ? null : new KafkaSendError(failure, `it is ${failure}`, -1)));
  }

  to(topic: string): OutgoingRecord[] {
    return this.sent.filter((record) => record.topic === topic);
  }
}
