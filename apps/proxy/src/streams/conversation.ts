import {
  BridgeError,
  type ContinuationEnvelope,
  createStates,
  type Inbox,
  type ReplyEnvelope,
  type Steps,
} from '@kafka-http-proxy/protocol';
import type { Beat, PeerWatch, SequenceSink } from '@kafka-http-proxy/streams';
import type { Compression } from '../destination.js';
import type { ReplySource } from '../waiter.js';
import { partOf } from './parts.js';
import { ReplyStream, type ReplyStreamDeps } from './reply-stream.js';
import { Upload, type UploadDeps } from './upload.js';

/**
 * Why a claim was refused. `inbox`: it names a topic that is no control topic. `unknown`: there is no such exchange,
 * or not any more; a stranger who guesses ids gets the same answer. `second`: another execution was first.
 */
export type ClaimRefusal = 'inbox' | 'unknown' | 'second';

/** What all conversations of this process have in common. */
export interface ConversationDeps extends UploadDeps, ReplyStreamDeps {
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
  /** How long a processor may be silent, ms. */
  readonly idleMs: number;
  /** Somebody asked for the rest of a request's body, or named himself as who makes its reply, and is not to have it. */
  claimRefused(reason: ClaimRefusal): void;
  /** It is over. */
  closed(conversation: Conversation): void;
}

/** What a conversation reports to the exchange that it belongs to. */
export interface ConversationEvents {
  /** The processor took more of the upload, or more of it was sent. */
  progressed(): void;
  /** It cannot go on, and no reply has begun. */
  failed(error: BridgeError): void;
}

/** An execution of the request, and where its processor is reached. */
export interface Peer {
  readonly exec: string;
  readonly inbox: Inbox;
}

/**
 * `unbound`: no processor is known yet. `bound`: one has the request. `replying`: its reply streams. `closed`: over,
 * however it ended.
 */
type State = 'unbound' | 'bound' | 'replying' | 'closed';

const STEPS: Steps<State> = {
  unbound: ['bound', 'closed'],
  bound: ['replying', 'closed'],
  replying: ['closed'],
  closed: [],
};

/**
 * One exchange that goes on beyond a record each way, seen from here: the execution that it is bound to (the first
 * that was heard of), the rest of the request's body, the rest of the reply.
 */
export class Conversation {
  readonly #state = createStates<State>('A conversation', STEPS, 'unbound');
  #peer: (Peer & { readonly beat: Beat }) | null = null;
  #upload: Upload | null = null;
  #reply: ReplyStream | null = null;
  /** Records of the upload that wait to learn where they go. */
  #early: (() => void)[] = [];
  #credit = 0;

  constructor(
    readonly id: string,
    /** The request topic: whose streams these are. */
    private readonly topic: string,
    private readonly deps: ConversationDeps,
    private readonly events: ConversationEvents,
    private readonly compression: Compression | undefined,
  ) {}

  get replying(): boolean {
    return this.#state.now === 'replying';
  }

  /** True while the processor would take more of the upload than the client has sent. */
  get waitsForClient(): boolean {
    return this.#upload?.waitsForClient === true;
  }

  /** True for the execution that this is bound to, and for any while it is bound to none. */
  follows(exec: string): boolean {
    return this.#peer === null || this.#peer.exec === exec;
  }

  /** Sends the rest of a request's body, whose place in the budget was taken. @param sentBytes what its record held */
  openUpload(sentBytes: number, drained: () => void): Upload {
    if (this.#state.now !== 'unbound')
      throw new Error(`A conversation that is ${this.#state.now} cannot begin an upload.`);
    const upload = new Upload(this.deps, {
      topic: this.topic,
      sentBytes,
      drained,
      send: ({ seq, end, error, body, trailers }, settled) => {
        const send = () => {
          this.deps.moved('upload', body?.length ?? 0);
          this.#send({ seq, end }, { error, body, trailers }, settled);
          this.events.progressed();
        };
        // The end of a body that is in the request's record altogether needs no credit, but an address.
        if (this.#state.now === 'unbound') this.#early.push(send);
        else send();
      },
      failed: (cause) => {
        this.#fail(new BridgeError('kafka_unavailable', 'Kafka did not take the rest of the request.', { cause }));
      },
    });
    this.#upload = upload;
    return upload;
  }

  /**
   * Binds this to the execution that makes the reply, and hands its body on from here.
   *
   * @throws Error where a reply has begun already, or the conversation is over
   */
  openReply(head: ReplyEnvelope, from: Peer, open: (source: ReplySource) => SequenceSink): void {
    if (this.#state.now === 'unbound') this.#bind(from);
    this.#state.to('replying');
    this.#reply = new ReplyStream(this.deps, {
      topic: this.topic,
      grant: (credit) => this.#send({ credit }),
      over: (fault) => {
        if (fault === 'gap' || fault === 'overrun') this.#send({ cancel: true });
        this.close();
      },
      cancel: () => this.cancel(),
    });
    this.#reply.begin(head, open);
  }

  /** A later record of the processor's. */
  take({ sequence, error, body, trailers }: ContinuationEnvelope): void {
    const { exec, inbox, seq, end, credit } = sequence;
    if (this.#state.now === 'closed' || exec === null) return;
    if (this.#state.now === 'unbound') {
      if (inbox === null) return;
      this.#bind({ exec, inbox });
    } else if (!this.follows(exec)) {
      if (inbox !== null) this.#rival({ exec, inbox });
      return;
    }
    this.#peer?.beat.heard();
    if (credit !== null && credit > this.#credit) {
      this.#credit = credit;
      this.events.progressed();
      this.#upload?.grant(credit);
    }
    if (seq !== null) this.#reply?.take({ seq, end, error, body, trailers });
  }

  /** Nobody wants it any longer: the processor is told, all of them while it is not known which. */
  cancel(): void {
    if (this.#state.now === 'closed') return;
    if (this.#state.now === 'unbound') this.deps.broadcast(partOf(this.id, { cancel: true }));
    else this.#send({ cancel: true });
    this.close();
  }

  /** {@link cancel}, and whoever takes the reply is told why. */
  abort(error: BridgeError): void {
    if (this.#state.now === 'closed') return;
    this.cancel();
    this.#reply?.fail(error.code);
  }

  /** Sends and takes nothing more; may be called again. */
  close(): void {
    if (this.#state.now === 'closed') return;
    this.#state.to('closed');
    this.#upload?.stop();
    this.#reply?.stop();
    this.#early = [];
    if (this.#peer !== null) this.deps.watch.remove(this.id);
    this.deps.closed(this);
  }

  #bind({ exec, inbox }: Peer): void {
    this.#state.to('bound');
    const beat = this.deps.watch.add(this.id, { beat: () => this.#sign(), lost: () => this.#lost() });
    this.#peer = { exec, inbox, beat };
    const early = this.#early;
    this.#early = [];
    for (const send of early) send();
  }

  /** Another execution of the request asks for the rest of its body, which only the first can have. */
  #rival({ exec, inbox }: Peer): void {
    this.deps.claimRefused('second');
    const silentMs = this.deps.clock.now() - (this.#peer?.beat.heardMs ?? 0);
    // The first may well live; the other one asks again.
    if (silentMs < this.deps.idleMs / 3 + 1000) return;
    this.deps.send(inbox, partOf(this.id, { exec, cancel: true }, { error: 'processor_lost' }), undefined, ignore);
    this.#lost();
  }

  #lost(): void {
    this.#fail(new BridgeError('processor_lost', 'The processor of the request gave no sign of life any more.'));
  }

  #fail(error: BridgeError): void {
    if (this.#state.now === 'closed') return;
    // It may still live, and be out of reach in one direction only.
    this.#send({ cancel: true });
    this.close();
    if (this.#reply !== null) this.#reply.fail(error.code);
    else this.events.failed(error);
  }

  /** A sign of life. A grant that was lost on the way is repeated by it. */
  #sign(): void {
    if (this.#reply?.repeat() !== true) this.#send({});
  }

  #send(
    sequence: Parameters<typeof partOf>[1],
    content?: Parameters<typeof partOf>[2],
    settled: (error: Error | null) => void = ignore,
  ): void {
    if (this.#peer === null) return;
    const { exec, inbox, beat } = this.#peer;
    beat.sent();
    this.deps.send(inbox, partOf(this.id, { exec, ...sequence }, content), this.compression, settled);
  }
}

const ignore = (): void => undefined;
