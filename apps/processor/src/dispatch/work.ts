import type { Breaker, Pass } from '../attempts/breaker.js';
import type { TokenBucket } from '../attempts/token-bucket.js';

/** One record's worth of work. */
export interface Work {
  /** Records of one key run one after the other, where the lane keeps order; null: no key. */
  readonly key: string | null;
  /** Of the request; null where the record has none that could be read. */
  readonly correlationId: string | null;
  /** Memory that it holds while it waits, about. */
  readonly bytes: number;
  /** Whose work it is: told when it starts and ends, and what {@link Dispatcher.drop} goes by. */
  readonly owner: WorkOwner;
  /** From then on it does not need the backend any more, and starts without a slot or a token; ms since the epoch. */
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
}

export type WorkEnd = 'done' | 'again';

/** Gives back the slot and the key of a work, or (`slot`) the slot alone: a stream is no load of its own, but its key waits. */
export type Release = (what?: 'slot') => void;

export interface WorkOwner {
  /** True when its works are somebody else's now. */
  readonly revoked: boolean;
  enter(): void;
  leave(): void;
}

export interface LaneOptions {
  readonly name: string;
  /** Limits how many start in a second; null: no limit. */
  readonly bucket: TokenBucket | null;
  /** True keeps the order of equal keys. */
  readonly ordered: boolean;
  /** What the lane's works wait for while it is not closed; null: they never do. */
  readonly gate: Pick<Breaker, 'state' | 'waitMs' | 'enter' | 'onChange'> | null;
}

/** Why nothing more is read for a lane: it has too much, or its backend fails often. */
export type PauseReason = 'pressure' | 'unhealthy';
