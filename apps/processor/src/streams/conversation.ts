import type { Compression, KafkaSendError, OutgoingRecord } from '@kafka-http-proxy/kafka';
import {
  type ContinuationEnvelope,
  encodeContinuationV2,
  type Inbox,
  NO_SEQUENCE,
  type Sequence,
  type WireRecord,
} from '@kafka-http-proxy/protocol';
import type { Beat, Clock, MemoryBudget, PeerWatch, SequenceSender } from '@kafka-http-proxy/streams';
import type { Asker } from '../publish/reply.js';
import type { Execution } from './running-requests.js';
import { Upload } from './upload.js';

/** What every session of this process has in common. */
export interface SessionDeps {
  send(record: OutgoingRecord, settled: (error: KafkaSendError | null) => void): void;
  readonly watch: PeerWatch;
  readonly budget: MemoryBudget;
  readonly clock: Clock;
  readonly recordBytes: number;
  readonly flushMs: number;
  readonly retryBytes: number;
  /** Bytes of bodies that came or went in streams. */
  readonly moved: (direction: StreamDirection, bytes: number) => void;
  closed(session: Session): void;
}

/** From here: what comes from the client is an upload, what goes back to it a reply. */
export type StreamDirection = 'upload' | 'reply';

/**
 * One execution that goes on in parts, as this side of it: what the proxy sends to the inbox for it
 * is taken here, and what is sent for it goes out here.
 */
export class Session {
  upload: Upload | null = null;
  /** Compression of its records; null: none. */
  compression: Compression | null = null;
  #sender: SequenceSender | null = null;
  #entered = 0;
  #closed = false;
  readonly #beat: Beat;

  constructor(
    /** Names this execution, so that two of one request are never spliced. */
    readonly exec: string,
    readonly asker: Asker,
    /** The request topic: whose streams these are. */
    readonly topic: string,
    /** Where the proxy sends to. */
    readonly inbox: Inbox,
    readonly execution: Execution,
    readonly deps: SessionDeps,
  ) {
    this.#beat = deps.watch.add(exec, {
      beat: () => this.#sign(),
      lost: () => this.cancel('client_gone'),
    });
  }

  /** Begins to take the rest of a request's body; null when there is no room for one more stream. */
  openUpload(first: Buffer, length: number | null): Upload | null {
    if (!this.enter()) return null;
    const { clock, retryBytes, budget, moved } = this.deps;
    const upload = new Upload({
      first,
      length,
      retryBytes,
      clock,
      lease: budget.lease(),
      grant: (credit) => {
        moved('upload', 0);
        this.sendPart({ inbox: this.inbox, credit });
      },
      broken: (reason) => this.cancel(reason === 'processor_lost' ? 'processor_lost' : 'client_gone'),
    });
    this.upload = upload;
    upload.claim();
    return upload;
  }

  /** The reply goes out by this from now on. */
  set sender(sender: SequenceSender) {
    this.#sender = sender;
  }

  /** A record that the proxy sent for this execution. */
  take({ sequence, error, body, trailers }: ContinuationEnvelope): void {
    if (this.#closed) return;
    this.#beat.heard();
    const { seq, end, credit, cancel } = sequence;
    if (cancel) {
      this.cancel(error === 'processor_lost' ? 'processor_lost' : 'client_gone');
      return;
    }
    if (credit !== null) this.#sender?.grant(credit);
    if (seq === null || this.upload === null) return;
    this.deps.moved('upload', body?.length ?? 0);
    this.upload.take({ seq, end, error, body, trailers });
  }

  cancel(reason: 'client_gone' | 'processor_lost'): void {
    this.execution.cancel(reason);
  }

  /** Counts one more stream in, within the budget; it counts until the session is closed. */
  enter(): boolean {
    if (!this.deps.budget.enter(this.topic)) return false;
    this.#entered++;
    return true;
  }

  /** Sends a record to the proxy. Its loss is made good by the next one of its kind. */
  sendPart(sequence: Partial<Sequence>): void {
    const { correlationId } = this.asker;
    const part = { correlationId, sequence: { ...NO_SEQUENCE, exec: this.exec, ...sequence }, error: null };
    this.write(encodeContinuationV2({ ...part, body: null, trailers: null }), () => undefined);
  }

  /** Writes a record to the proxy's inbox, in the order of the calls. */
  write({ value, headers }: WireRecord, settled: (error: KafkaSendError | null) => void): void {
    const { topic, partition } = this.asker.address;
    this.#beat.sent();
    // A proxy that reads all partitions: those of one sequence keep their order by their key.
    const key = partition === null ? this.asker.correlationId : null;
    const { compression } = this;
    this.deps.send({ topic, partition, key, value, headers, ...(compression && { compression }) }, settled);
  }

  /** Ends the session; may be called again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.upload?.stop();
    this.deps.watch.remove(this.exec);
    for (; this.#entered > 0; this.#entered--) this.deps.budget.leave(this.topic);
    this.deps.closed(this);
  }

  #sign(): void {
    if (this.#sender === null && this.upload !== null) this.upload.beat();
    else this.sendPart({});
  }
}
