import { holderOf, LOCK_KEY, nextLock, type RunLock, readRunLock } from '@kafka-http-proxy/operate';
import { CommandFailure } from '../../operator/exit.js';

/** A record of the partition that marks and lock are in. */
export interface LoggedRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** The right to send letters again, of which there is one a dead-letter topic. */
export interface Lease {
  /** Takes it; null: it is this run's now. @returns who has it, where it can't be had */
  take(): Promise<RunLock | null>;
  /** Takes each record of the partition, in order. */
  readonly onRecord: (record: LoggedRecord) => void;
  /**
   * Waits until all up to a record of this run was read, and tells whether it still had the lease there: a run that
   * takes it later reads that record before it decides anything. False as well where nothing is read any more.
   */
  proven(offset: number): Promise<boolean>;
  /** Aborted when the lease is found to be lost; its reason is the sentence that says so. */
  readonly lost: AbortSignal;
  /** Lets it go. Never rejects: a lease that nobody holds runs out by itself. */
  release(): Promise<void>;
}

/** What a lease is made of. */
export interface LeaseOptions {
  /** Names this run. */
  readonly run: string;
  /** Who: user@host. */
  readonly by: string;
  /** How the lock stood where the reading by {@link Lease.onRecord} begins, or later. */
  readonly found: RunLock | null;
  /** Writes a record of the lock; resolves with its offset when Kafka has it. */
  write(lock: RunLock): Promise<number>;
}

/** Between two signs of life, ms. */
export const BEAT_MS = 3_000;
/** Who gave none for so long is gone, ms: as a session of a consumer group would end. */
export const SILENCE_MS = 10_000;
/** How long one's own record may take to be read again, ms. */
const PROOF_MS = 30_000;

/**
 * A lease that lives in the order of one partition. Each reader sees the same records in the same order, so all agree who
 * took it first; a holder that was stopped for a while finds the claim of the next one before its own new records, and
 * sends nothing on them. That is what the session of a consumer group can't give: it ends, and its member does not know.
 *
 * @example
 * const lease = createLease({ run, by: 'alice@ops-1', found, write });
 * const other = await lease.take();
 * if (other === null) await lease.release();
 */
export function createLease({ run, by, found, write }: LeaseOptions): Lease {
  const losing = new AbortController();
  const since = Date.now();
  let lock = found;
  let gen = 0;
  let readTo = 0;
  let held = false;
  let beating: NodeJS.Timeout | undefined;
  /** Called when the lock's holder said something, or it changed hands. */
  let noticed: () => void = () => undefined;
  const waiting = new Set<{ readonly offset: number; readonly done: () => void }>();

  const isOurs = () => holderOf(lock)?.run === run;
  const lose = (sentence: string) => {
    clearInterval(beating);
    if (held) losing.abort(new Error(sentence));
    held = false;
  };
  const readUpTo = (offset: number): Promise<boolean> =>
    new Promise((resolve) => {
      if (offset < readTo) return resolve(true);
      const end = (read: boolean) => {
        clearTimeout(timer);
        waiting.delete(waiter);
        resolve(read);
      };
      const timer = setTimeout(() => end(false), PROOF_MS);
      const waiter = { offset, done: () => end(true) };
      waiting.add(waiter);
    });

  /** Watches the one that has it: true when it is gone, or lets go. */
  const isGone = (): Promise<boolean> =>
    new Promise((resolve) => {
      const end = (gone: boolean) => {
        clearTimeout(timer);
        noticed = () => undefined;
        resolve(gone);
      };
      const timer = setTimeout(() => end(true), SILENCE_MS);
      noticed = () => end(holderOf(lock) === null);
    });

  return {
    async take() {
      for (;;) {
        if (holderOf(lock) !== null && !(await isGone())) return holderOf(lock);
        gen = (lock?.gen ?? 0) + 1;
        // Nobody counts that far; a record that says so would be taken over without end.
        if (!Number.isSafeInteger(gen)) throw new CommandFailure(COUNTED_OUT);
        const read = await readUpTo(await write({ v: 1, gen, state: 'held', run, by, since }));
        if (!read) throw new Error('what was written to the marks topic was not read again');
        if (isOurs()) break;
        // Another was first. Where that one has let go again already, it can be tried once more.
        if (holderOf(lock) !== null) return holderOf(lock);
      }
      held = true;
      // One that is not written is missed by others only.
      beating = setInterval(() => void write({ v: 1, gen, state: 'held', run, by, since }).catch(ignore), BEAT_MS);
      return null;
    },
    onRecord({ offset, key, value }) {
      if (offset < readTo) return;
      readTo = offset + 1;
      const isLock = key?.toString('utf8') === LOCK_KEY;
      const read = isLock ? readRunLock(value) : null;
      if (isLock && value === null) {
        lock = null;
        if (held) lose(`the record "${LOCK_KEY}" of the marks topic was taken away`);
        noticed();
      } else if (read !== null) {
        lock = nextLock(lock, read);
        if (held && !isOurs()) lose(takenBy(lock));
        // What one says that has lost it is no sign of life.
        if (lock === read) noticed();
      }
      for (const waiter of [...waiting]) if (waiter.offset < readTo) waiter.done();
    },
    async proven(offset) {
      const read = await readUpTo(offset);
      if (!read) lose('the marks topic is not read any more');
      return held && isOurs();
    },
    lost: losing.signal,
    async release() {
      clearInterval(beating);
      if (!held) return;
      held = false;
      await write({ v: 1, gen, state: 'free', run, by, since }).catch(ignore);
    },
  };
}

const COUNTED_OUT = `The record "${LOCK_KEY}" of the marks topic is none that a replay wrote, and can't be taken over: write one of that key without a value there, and see who may write to it.`;

function takenBy({ run, by }: RunLock): string {
  return `run ${run} of ${by} has taken over: this one gave no sign of life for ${SILENCE_MS / 1000} s`;
}

const ignore = (): void => undefined;
