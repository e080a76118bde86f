import { OffsetTracker } from './offset-tracker.js';

/**
 * One partition for as long as it is ours. One that goes and comes back is another assignment, so that what was begun
 * under the first can't touch the offsets of the second.
 */
export class Assignment {
  readonly tracker = new OffsetTracker();
  #revoked = false;
  #released = false;
  #running = 0;
  readonly #cancels = new Set<() => void>();
  #idle: (() => void)[] = [];

  constructor(
    readonly topic: string,
    readonly partition: number,
    /** When it became ours, ms since the epoch. */
    private readonly sinceMs: number,
  ) {}

  /**
   * True of a record that was written before the partition was ours. An earlier owner may have been at it, or even done,
   * when it was killed; who takes it up can't know.
   *
   * @param writtenMs its timestamp, ms since the epoch
   */
  mayHaveRun(writtenMs: number): boolean {
    return writtenMs < this.sinceMs;
  }

  get revoked(): boolean {
    return this.#revoked;
  }

  /** True when it is no longer ours: offsets can't be stored any more. Until then what still ends counts. */
  get released(): boolean {
    return this.#released;
  }

  /** The partition is given up, or was lost. */
  release(): void {
    this.#released = true;
    this.revoke();
  }

  /** Records that are being worked on, queued ones not included. */
  get running(): number {
    return this.#running;
  }

  /** Work on a record starts; pair it with {@link leave}. */
  enter(): void {
    this.#running++;
  }

  leave(): void {
    this.#running--;
    if (this.#running > 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves when nothing is being worked on. */
  whenIdle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Ends waits (for a retry, for Kafka): their work is somebody else's now. May be called again. */
  revoke(): void {
    if (this.#revoked) return;
    this.#revoked = true;
    const cancels = [...this.#cancels];
    this.#cancels.clear();
    for (const cancel of cancels) cancel();
  }

  /** Calls `cancel` on revoke, at once when that has been; the returned function takes it back. */
  onRevoke(cancel: () => void): () => void {
    if (this.#revoked) {
      cancel();
      return () => {};
    }
    this.#cancels.add(cancel);
    return () => this.#cancels.delete(cancel);
  }
}

/** The partitions that are ours, for look-up by each record that comes. */
export class Assignments {
  readonly #topics = new Map<string, Map<number, Assignment>>();

  /** A partition has come: opens its assignment. One that it still had is over. @param nowMs since the epoch */
  open(topic: string, partition: number, nowMs: number): Assignment {
    this.close(topic, partition)?.release();
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      this.#topics.set(topic, partitions);
    }
    const assignment = new Assignment(topic, partition, nowMs);
    partitions.set(partition, assignment);
    return assignment;
  }

  /** The assignment of a partition, undefined when it is not ours. */
  get(topic: string, partition: number): Assignment | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  /** Takes nothing more of a partition. Returns its assignment: it is revoked, and the caller has to release it. */
  close(topic: string, partition: number): Assignment | undefined {
    const partitions = this.#topics.get(topic);
    const assignment = partitions?.get(partition);
    partitions?.delete(partition);
    assignment?.revoke();
    return assignment;
  }

  /** Partitions of a topic that are ours, in order. */
  partitionsOf(topic: string): number[] {
    return [...(this.#topics.get(topic)?.keys() ?? [])].sort((a, b) => a - b);
  }
}
