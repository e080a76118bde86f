import type { Compression, KafkaSendError, OutgoingRecord, WrittenAt } from '@kafka-http-proxy/kafka';
import {
  type ContinuationEnvelope,
  createStates,
  encodeContinuationV2,
  type Inbox,
  NO_SEQUENCE,
  type Sequence,
  type Steps,
  type WireRecord,
} from '@kafka-http-proxy/protocol';
import type { Beat, Clock, MemoryBudget, PeerWatch, SequenceSender, StreamDirection } from '@kafka-http-proxy/streams';
import type { Asker } from '../publish/asker.js';
import type { CancelReason, RunningRequest } from './running-requests.js';
import { Upload } from './upload.js';

/** What every conversation of this process has in common. */
export interface ConversationDeps {
  send(record: OutgoingRecord, settled: (error: KafkaSendError | null, at?: WrittenAt) => void): void;
  readonly watch: PeerWatch;
  readonly budget: MemoryBudget;
  readonly clock: Clock;
  readonly recordBytes: number;
  readonly flushMs: number;
  readonly retryBytes: number;
  /** Bytes of bodies that came or went in streams. */
  readonly moved: (direction: StreamDirection, bytes: number) => void;
  closed(conversation: Conversation): void;
}

/**
 * `opened`: nothing goes on yet. `uploading`: the rest of the request's body is asked for. `replying`: the reply goes
 * out, whatever of the body is still to come. `closed`: what comes is dropped.
 */
export type ConversationState = 'opened' | 'uploading' | 'replying' | 'closed';

/** Which state may follow which. */
const NEXT: Steps<ConversationState> = {
  opened: ['uploading', 'replying', 'closed'],
  uploading: ['replying', 'closed'],
  replying: ['closed'],
  closed: [],
};

/**
 * One request that goes on in parts, as this side of it: what the proxy sends to the inbox for it
 * is taken here, and what is sent for it goes out here.
 */
export class Conversation {
  /** Compression of its records; null: none. */
  compression: Compression | null = null;
  readonly #states = createStates('a conversation', NEXT, 'opened');
  #upload: Upload | null = null;
  #sender: SequenceSender | null = null;
  /** Streams that it counts for in the budget. */
  #counted = 0;
  readonly #beat: Beat;

  constructor(
    /** Names it, so that two of one request are never spliced. */
    readonly exec: string,
    readonly asker: Asker,
    /** The request topic: whose streams these are. */
    readonly topic: string,
    /** Where the proxy sends to. */
    readonly inbox: Inbox,
    readonly request: RunningRequest,
    readonly deps: ConversationDeps,
  ) {
    this.#beat = deps.watch.add(exec, {
      beat: () => this.#sign(),
      lost: () => this.request.cancel('client_gone'),
    });
  }

  get state(): ConversationState {
    return this.#states.now;
  }

  /** The request's body; null where all of it was in its first record. */
  get upload(): Upload | null {
    return this.#upload;
  }

  /**
   * Begins to take the rest of a request's body; null when there is no room for one more stream.
   *
   * @throws {IllegalStep} when the conversation has begun to reply, or was closed
   */
  openUpload(first: Buffer, length: number | null): Upload | null {
    if (!this.enter()) return null;
    this.#states.to('uploading');
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
      broken: (reason) => this.request.cancel(cancelReason(reason)),
    });
    this.#upload = upload;
    upload.claim();
    return upload;
  }

  /** The reply goes out by this from now on. @throws {IllegalStep} when there is a reply already, or the conversation was closed */
  replyBy(sender: SequenceSender): void {
    this.#states.to('replying');
    this.#sender = sender;
  }

  /** A record that the proxy sent for this request. */
  take({ sequence, error, body, trailers }: ContinuationEnvelope): void {
    if (this.#states.is('closed')) return;
    this.#beat.heard();
    const { seq, end, credit, cancel } = sequence;
    if (cancel) {
      this.request.cancel(cancelReason(error));
      return;
    }
    if (credit !== null) this.#sender?.grant(credit);
    if (seq === null || this.#upload === null) return;
    this.deps.moved('upload', body?.length ?? 0);
    this.#upload.take({ seq, end, error, body, trailers });
  }

  /** Counts one more stream in, within the budget; it counts until the conversation is closed. */
  enter(): boolean {
    if (!this.deps.budget.enter(this.topic)) return false;
    this.#counted++;
    return true;
  }

  /** Sends a record that says where this side is. One that is lost does no harm: the next of its kind says the same. */
  sendPart(sequence: Partial<Sequence>): void {
    const { correlationId } = this.asker;
    const part = { correlationId, sequence: { ...NO_SEQUENCE, exec: this.exec, ...sequence }, error: null };
    this.write(encodeContinuationV2({ ...part, body: null, trailers: null }), () => undefined);
  }

  /** Writes a record to the proxy's inbox, in the order of the calls. */
  write({ value, headers }: WireRecord, settled: (error: KafkaSendError | null, at?: WrittenAt) => void): void {
    const { topic, partition } = this.asker.address;
    this.#beat.sent();
    // A proxy that reads all partitions: those of one sequence keep their order by their key.
    const key = partition === null ? this.asker.correlationId : null;
    const { compression } = this;
    this.deps.send({ topic, partition, key, value, headers, ...(compression && { compression }) }, settled);
  }

  /** Ends the conversation; may be called again. */
  close(): void {
    if (this.#states.is('closed')) return;
    this.#states.to('closed');
    this.#upload?.stop();
    this.deps.watch.remove(this.exec);
    for (; this.#counted > 0; this.#counted--) this.deps.budget.leave(this.topic);
    this.deps.closed(this);
  }

  /** A sign of life: where it uploads, its last grant does. */
  #sign(): void {
    if (this.#states.is('uploading')) this.#upload?.beat();
    else this.sendPart({});
  }
}

/** What the other side says of its end, as why nobody wants the answer. */
function cancelReason(said: string | null): CancelReason {
  return said === 'processor_lost' ? 'processor_lost' : 'client_gone';
}
