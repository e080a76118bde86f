import type { ErrorCode, ReplyEnvelope } from '@kafka-http-proxy/protocol';
import {
  FIRST_WINDOW,
  type MemoryBudget,
  type Part,
  type SequenceFault,
  SequenceReceiver,
  type SequenceSink,
  type StreamDirection,
} from '@kafka-http-proxy/streams';
import type { ReplySource } from '../waiter.js';

/** What replies that stream have in common in this process. */
export interface ReplyStreamDeps {
  readonly budget: MemoryBudget;
  /** Streams that began (1) or ended (-1). */
  opened(direction: StreamDirection, change: 1 | -1): void;
  /** Bytes of bodies that came or went in streams. */
  moved(direction: StreamDirection, bytes: number): void;
}

/** One reply that streams. */
export interface ReplyStreamOptions {
  /** The request topic: whose stream it is. */
  readonly topic: string;
  /** Tells the processor how far it may send. */
  grant(credit: number): void;
  /** It has come to its end, or was broken off: called once, before the one who takes it hears of that. */
  over(fault: SequenceFault | ErrorCode | null): void;
  /** Whoever takes it wants no more. */
  cancel(): void;
}

/** The rest of a reply on its way to the client. Its place in the budget was taken, and is left here. */
export class ReplyStream {
  readonly #receiver: SequenceReceiver;
  readonly #lease: ReturnType<MemoryBudget['lease']>;
  #sink: SequenceSink | null = null;

  constructor(
    private readonly deps: ReplyStreamDeps,
    private readonly options: ReplyStreamOptions,
  ) {
    const lease = deps.budget.lease();
    this.#lease = lease;
    this.#receiver = new SequenceReceiver({
      firstSeq: 0,
      receivedBytes: 0,
      granted: FIRST_WINDOW,
      window: lease.window,
      outstanding: lease.hold,
      grant: (credit) => options.grant(credit),
      sink: {
        data: (chunk) => this.#sink?.data(chunk),
        end: (trailers) => {
          options.over(null);
          this.#sink?.end(trailers);
        },
        failed: (fault) => {
          options.over(fault);
          this.#sink?.failed(fault);
        },
      },
    });
  }

  /** Hands its head to whoever takes it, and what the first record holds of its body. */
  begin({ body, error, trailers }: ReplyEnvelope, open: (source: ReplySource) => SequenceSink): void {
    const { budget, opened } = this.deps;
    opened('reply', 1);
    this.#sink = open({
      consumed: (bytes) => this.#receiver.consumed(bytes),
      cancel: () => this.options.cancel(),
      release: () => {
        opened('reply', -1);
        this.#lease.end();
        budget.leave(this.options.topic);
      },
    });
    this.take({ seq: 0, end: false, error, body, trailers });
    this.#receiver.open();
  }

  /** Takes a record of it. */
  take(part: Part): void {
    this.deps.moved('reply', part.body?.length ?? 0);
    this.#receiver.take(part);
  }

  /** Repeats the last grant, which may have been lost; false where no more is to come. */
  repeat(): boolean {
    if (this.#receiver.over) return false;
    this.#receiver.repeat();
    return true;
  }

  /** Tells whoever takes it that no more will come. */
  fail(code: ErrorCode): void {
    this.#sink?.failed(code);
  }

  /** Takes nothing more. */
  stop(): void {
    this.#receiver.stop();
  }
}
