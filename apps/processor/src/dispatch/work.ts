/** `closed`: works go through. `half_open`: one does, and decides. `open`: none does. */
export type GateState = 'closed' | 'half_open' | 'open';

/** What the works of a lane wait for while it is not closed: a circuit breaker, to the dispatcher. */
export interface Gate {
  state(): GateState;
  /** Ms until a work may go through: 0 when one may now, Infinity while a trial runs. */
  waitMs(): number;
  /** Lets a work go through: each while closed, one (the trial) when its time has come; else null. */
  enter(): Pass | null;
  /** Calls back after each change of state; the returned function takes that back. */
  onChange(listener: (state: GateState) => void): () => void;
}

/** Leave for one work to go through a gate. What came of it, its work says; the dispatcher only that it is over. */
export interface Pass {
  /** True when what comes of it decides whether the others may follow. */
  readonly trial: boolean;
  /** Gives the leave back; does nothing when the work said what came of it. */
  end(nothing: null): void;
}

/** How many may start in a second. */
export interface RateLimit {
  /** Takes leave to start one, which is 0; or says in how many ms there will be one. */
  take(nowMs: number): number;
}

/** What is to be done for one record. */
export interface Work {
  /** Works of one key run one after the other; null: no key, or no order. */
  readonly key: string | null;
  /** Of the request; null where the record has none that could be read. */
  readonly correlationId: string | null;
  /** Memory that it holds while it waits, about. */
  readonly bytes: number;
  /** Whose work it is: hears when it starts and ends; {@link Dispatcher.drop} takes all works of one owner. */
  readonly owner: WorkOwner;
  /** From then on it needs no backend, and starts without a slot or a token; ms since the epoch. */
  readonly deadlineMs: number;
  /** True when it may be done again though it was begun: such work is the first to be a trial. */
  readonly repeatable: boolean;
  /**
   * Does the work. `release` gives back what it holds before all is done; it may be called more than
   * once. `pass` is its leave to go to the backend, where the lane has a gate. Must not reject.
   *
   * Resolves with `again` when it has to wait for its turn once more; it then has released nothing.
   */
  run(release: Release, pass: Pass | null): Promise<WorkEnd>;
  /** It will have no turn any more: its owner lost it while it waited. */
  dropped?(): void;
}

/** How a turn of a work ended: `again` has to wait for another. */
export type WorkEnd = 'done' | 'again';

/**
 * Gives back the slot and the key of a work; `slot`: the slot alone. A stream needs no slot, but the next of its key
 * waits until it has ended.
 */
export type Release = (what?: 'slot') => void;

/** Whose works they are: a partition, for as long as it is ours. */
export interface WorkOwner {
  /** True when its works are somebody else's now. */
  readonly revoked: boolean;
  /** A work of it starts. */
  enter(): void;
  /** A work of it has ended. */
  leave(): void;
}

/** A lane: the works of one topic. */
export interface LaneOptions {
  readonly name: string;
  /** Limits how many start in a second; null: no limit. */
  readonly rateLimit: RateLimit | null;
  /** What the lane's works wait for while it is not closed; null: they never do. */
  readonly gate: Gate | null;
}

/** Why nothing more is read for a lane: it has too much, or its backend fails often. */
export type PauseReason = 'pressure' | 'unhealthy';
