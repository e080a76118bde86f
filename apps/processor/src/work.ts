import type { TokenBucket } from './token-bucket.js';

/** One record's worth of work. */
export interface Work {
  /** Records of one key run one after the other, where the lane keeps order; null: no key. */
  readonly key: string | null;
  /** Memory that it holds while it waits, about. */
  readonly bytes: number;
  /** Whose work it is: told when it starts and ends, and what {@link Dispatcher.drop} goes by. */
  readonly owner: WorkOwner;
  /** True when it does not need the backend any more: it then starts without a slot or a token. */
  expired(nowMs: number): boolean;
  /**
   * Does the work. `release` gives back what it holds before all is done; it may be called more than
   * once. Must not reject.
   */
  run(release: Release): Promise<void>;
}

/** Gives back the slot and the key of a work, or (`slot`) the slot alone: a stream is no load of its own, but its key waits. */
export type Release = (what?: 'slot') => void;

export interface WorkOwner {
  enter(): void;
  leave(): void;
}

export interface LaneOptions {
  readonly name: string;
  /** Limits how many start in a second; null: no limit. */
  readonly bucket: TokenBucket | null;
  /** True keeps the order of equal keys. */
  readonly ordered: boolean;
}
