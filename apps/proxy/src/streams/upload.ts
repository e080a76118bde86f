import {
  type Clock,
  type MemoryBudget,
  type Part,
  SequenceSender,
  type StreamDirection,
} from '@kafka-http-proxy/streams';

/** What uploads of this process have in common. */
export interface UploadDeps {
  readonly budget: MemoryBudget;
  readonly clock: Clock;
  /** Most bytes of body in a record. */
  readonly recordBytes: number;
  /** Longest that bytes wait for more to share their record, ms. */
  readonly flushMs: number;
  /** Streams that began (1) or ended (-1). */
  opened(direction: StreamDirection, change: 1 | -1): void;
  /** Bytes of bodies that came or went in streams. */
  moved(direction: StreamDirection, bytes: number): void;
}

/** One upload. */
export interface UploadOptions {
  /** The request topic: whose stream it is. */
  readonly topic: string;
  /** Bytes of the body that the record of the request held. */
  readonly sentBytes: number;
  /** `write` returned false, and there is room again. */
  drained(): void;
  /** Writes one record. */
  send(part: Part, settled: (error: Error | null) => void): void;
  /** Kafka did not take a record. */
  failed(cause: Error): void;
}

/** The rest of a request's body on its way to the processor. Its place in the budget was taken, and is left here. */
export class Upload {
  readonly #sender: SequenceSender;
  #state: 'open' | 'over' = 'open';

  constructor(
    private readonly deps: UploadDeps,
    private readonly options: UploadOptions,
  ) {
    const { budget, clock, recordBytes, flushMs } = deps;
    const { sentBytes, drained, send, failed } = options;
    deps.opened('upload', 1);
    deps.moved('upload', sentBytes);
    this.#sender = new SequenceSender({
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
      send,
      failed,
      finished: () => this.#end(),
    });
  }

  /** True while the processor would take more than the client has sent. */
  get waitsForClient(): boolean {
    return this.#sender.starved;
  }

  /** Takes more of the body. False: hold back until `drained`. */
  write(chunk: Buffer): boolean {
    return this.#sender.write(chunk);
  }

  /** The body is whole. */
  end(trailers: Parameters<SequenceSender['end']>[0]): void {
    this.#sender.end(trailers);
  }

  /** The processor takes bytes up to this place of the body. */
  grant(credit: number): void {
    this.#sender.grant(credit);
  }

  /** Sends nothing more; may be called again. */
  stop(): void {
    this.#sender.stop();
    this.#end();
  }

  #end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.deps.opened('upload', -1);
    this.deps.budget.leave(this.options.topic);
  }
}
