import { BridgeError, type ContinuationEnvelope, type Inbox, type ReplyEnvelope } from '@kafka-http-proxy/protocol';
import {
  type Beat,
  type Clock,
  FIRST_WINDOW,
  type MemoryBudget,
  type PeerWatch,
  SequenceReceiver,
  SequenceSender,
  type SequenceSink,
} from '@kafka-http-proxy/streams';
import type { Compression } from '../destination.js';
import type { ReplySource } from '../waiter.js';
import { type NO_FIELDS, partOf } from './parts.js';

/** Seen from the client: what it sends is an upload, what it gets a reply. */
export type StreamDirection = 'upload' | 'reply';

/**
 * Why a claim was refused. `inbox`: it names a topic that is no control topic. `unknown`: there is no such exchange,
 * or not any more; who can't know its id is told the same. `second`: another execution was first.
 */
export type ClaimRefusal = 'inbox' | 'unknown' | 'second';

/** What all conversations of this process have in common. */
export interface ConversationDeps {
  /** Writes a record to a processor's inbox; those of one inbox and compression keep their order. */
  send(
    to: Inbox,
    part: ContinuationEnvelope,
    compression: Compression | undefined,
    settled: (error: Error | null) => void,
  ): void;
  /** Writes a record to every inbox there is. */
  broadcast(part: ContinuationEnvelope): void;
  /** True for an address that can be an inbox: records name it, and anybody may write those. */
  isInbox(address: Inbox): boolean;
  readonly watch: PeerWatch;
  readonly budget: MemoryBudget;
  readonly clock: Clock;
  /** How long a processor may be silent, ms. */
  readonly idleMs: number;
  /** Most bytes of body in a record. */
  readonly recordBytes: number;
  readonly flushMs: number;
  /** Streams that began (1) or ended (-1). */
  opened(direction: StreamDirection, change: 1 | -1): void;
  /** Somebody asked for the rest of a request's body, or named himself as who makes its reply, and is not to have it. */
  claimRefused(reason: ClaimRefusal): void;
  /** Bytes of bodies that came or went in streams. */
  moved(direction: StreamDirection, bytes: number): void;
  /** It is over. */
  closed(conversation: Conversation): void;
}

/** What a conversation tells the exchange that it belongs to. */
export interface ConversationEvents {
  /** The processor took more of the upload, or more of it was sent. */
  progressed(): void;
  /** It cannot go on, and no reply has begun. */
  failed(error: BridgeError): void;
}

/**
 * One exchange that goes on beyond a record each way, seen from here: the execution that it is bound
 * to (the first that was heard of), the rest of the request's body, the rest of the reply.
 */
export class Conversation {
  #exec: string | null = null;
  #peer: Inbox | null = null;
  #beat: Beat | null = null;
  #sender: SequenceSender | null = null;
  #uploading = false;
  #receiver: SequenceReceiver | null = null;
  #sink: SequenceSink | null = null;
  /** Records of the upload that wait to learn where they go. */
  #early: (() => void)[] = [];
  #credit = 0;
  #closed = false;

  constructor(
    readonly id: string,
    /** The request topic: whose streams these are. */
    private readonly topic: string,
    private readonly deps: ConversationDeps,
    private readonly events: ConversationEvents,
    private readonly compression: Compression | undefined,
  ) {}

  get replying(): boolean {
    return this.#receiver !== null;
  }

  /** True while the processor would take more of the upload than the client has sent. */
  get waitsForClient(): boolean {
    return this.#sender?.starved === true;
  }

  /** True for the execution that this is bound to, and for any while it is bound to none. */
  follows(exec: string | null): boolean {
    return this.#exec === null || this.#exec === exec;
  }

  /** Sends the rest of a request's body, whose place in the budget was taken. @param sentBytes what its record held */
  openUpload(sentBytes: number, drained: () => void): SequenceSender {
    const { budget, clock, recordBytes, flushMs, moved, opened } = this.deps;
    this.#uploading = true;
    opened('upload', 1);
    moved('upload', sentBytes);
    const sender = new SequenceSender({
      firstSeq: 1,
      sentBytes,
      credit: sentBytes,
      recordBytes,
      flushMs,
      clock,
      maxUnacknowledged: budget.mostOnTheirWay,
      mostKept: budget.mostKept,
      onTheirWay: budget.onTheirWay,
      drained,
      send: ({ seq, end, error, body, trailers }, settled) => {
        const send = () => {
          moved('upload', body?.length ?? 0);
          this.#send(partOf(this.id, { exec: this.#exec, seq, end }, { error, body, trailers }), settled);
          this.events.progressed();
        };
        // The end of a body that is in the request's record altogether needs no credit, but an address.
        if (this.#peer === null) this.#early.push(send);
        else send();
      },
      failed: (cause) => {
        this.#fail(new BridgeError('kafka_unavailable', 'Kafka did not take the rest of the request.', { cause }));
      },
      finished: () => this.#endUpload(),
    });
    this.#sender = sender;
    return sender;
  }

  /** Binds this to the execution of the head of a reply, and hands its body on from here. */
  openReply(head: ReplyEnvelope, open: (source: ReplySource) => SequenceSink): void {
    const { sequence, body, error, trailers } = head;
    const { budget, moved, opened } = this.deps;
    this.#bind(sequence?.exec ?? null, sequence?.inbox ?? null);
    opened('reply', 1);
    const lease = budget.lease();
    const receiver = new SequenceReceiver({
      firstSeq: 0,
      receivedBytes: 0,
      granted: FIRST_WINDOW,
      window: lease.window,
      outstanding: lease.hold,
      grant: (credit) => this.#tell({ credit }),
      sink: {
        data: (chunk) => this.#sink?.data(chunk),
        end: (fields) => {
          this.close();
          this.#sink?.end(fields);
        },
        failed: (reason) => {
          if (reason === 'gap' || reason === 'overrun') this.#tell({ cancel: true });
          this.close();
          this.#sink?.failed(reason);
        },
      },
    });
    this.#receiver = receiver;
    this.#sink = open({
      consumed: (bytes) => receiver.consumed(bytes),
      cancel: () => this.cancel(),
      release: () => {
        opened('reply', -1);
        lease.end();
        budget.leave(this.topic);
      },
    });
    moved('reply', body?.length ?? 0);
    receiver.take({ seq: 0, end: false, error, body, trailers });
    receiver.open();
  }

  /** A later record of the processor's. */
  take({ sequence, error, body, trailers }: ContinuationEnvelope): void {
    const { exec, inbox, seq, end, credit } = sequence;
    if (this.#closed || exec === null) return;
    if (this.#exec === null) {
      if (inbox === null) return;
      this.#bind(exec, inbox);
    } else if (exec !== this.#exec) {
      if (inbox !== null) {
        this.deps.claimRefused('second');
        this.#rival(exec, inbox);
      }
      return;
    }
    this.#beat?.heard();
    if (credit !== null && credit > this.#credit) {
      this.#credit = credit;
      this.events.progressed();
      this.#sender?.grant(credit);
    }
    if (seq === null || this.#receiver === null) return;
    this.deps.moved('reply', body?.length ?? 0);
    this.#receiver.take({ seq, end, error, body, trailers });
  }

  /** Nobody wants it any longer: the processor is told, all of them while it is not known which. */
  cancel(): void {
    if (this.#closed) return;
    if (this.#peer === null) this.deps.broadcast(partOf(this.id, { cancel: true }));
    else this.#tell({ cancel: true });
    this.close();
  }

  /** {@link cancel}, and whoever takes the reply is told why. */
  abort(error: BridgeError): void {
    if (this.#closed) return;
    this.cancel();
    this.#sink?.failed(error.code);
  }

  /** Sends and takes nothing more; may be called again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#sender?.stop();
    this.#endUpload();
    this.#receiver?.stop();
    this.#early = [];
    if (this.#beat !== null) this.deps.watch.remove(this.id);
    this.deps.closed(this);
  }

  #bind(exec: string | null, inbox: Inbox | null): void {
    if (this.#exec !== null) return;
    this.#exec = exec;
    this.#peer = inbox;
    this.#beat = this.deps.watch.add(this.id, { beat: () => this.#sign(), lost: () => this.#lost() });
    const early = this.#early;
    this.#early = [];
    for (const send of early) send();
  }

  /** Another execution of the request asks for the rest of its body, which only the first can have. */
  #rival(exec: string, inbox: Inbox): void {
    const silentMs = this.deps.clock.now() - (this.#beat?.heardMs ?? 0);
    // The first may well live; the other one asks again.
    if (silentMs < this.deps.idleMs / 3 + 1000) return;
    this.deps.send(inbox, partOf(this.id, { exec, cancel: true }, { error: 'processor_lost' }), undefined, ignore);
    this.#lost();
  }

  #lost(): void {
    this.#fail(new BridgeError('processor_lost', 'The processor of the request gave no sign of life any more.'));
  }

  #fail(error: BridgeError): void {
    if (this.#closed) return;
    // It may still live, and be out of reach in one direction only.
    if (this.#peer !== null) this.#tell({ cancel: true });
    this.close();
    if (this.#sink !== null) this.#sink.failed(error.code);
    else this.events.failed(error);
  }

  #sign(): void {
    // A grant that was lost on the way is made good by the next.
    if (this.#receiver !== null && !this.#receiver.over) this.#receiver.repeat();
    else this.#tell({});
  }

  #tell(fields: Partial<typeof NO_FIELDS>): void {
    this.#send(partOf(this.id, { exec: this.#exec, ...fields }), ignore);
  }

  #send(part: ContinuationEnvelope, settled: (error: Error | null) => void): void {
    if (this.#peer === null) return;
    this.#beat?.sent();
    this.deps.send(this.#peer, part, this.compression, settled);
  }

  #endUpload(): void {
    if (!this.#uploading) return;
    this.#uploading = false;
    this.deps.opened('upload', -1);
    this.deps.budget.leave(this.topic);
  }
}

const ignore = (): void => undefined;
