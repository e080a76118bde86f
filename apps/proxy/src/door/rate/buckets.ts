import type { TokenRate } from '@kafka-http-proxy/protocol';

/** The buckets of all clients under all limits, in bounded memory. */
export interface Buckets {
  /**
   * Takes a token from the bucket of a key, where there is one.
   *
   * @param nowMs of a clock that never goes back
   * @returns what is in the bucket then
   */
  take(key: string, rate: TokenRate, nowMs: number): Taken;
  /** Buckets that are not full, and some that are again. */
  readonly size: number;
}

/** What became of a request for a token. */
export interface Taken {
  /** False where there was none. */
  readonly ok: boolean;
  /** Whole tokens that are left. */
  readonly left: number;
  /** Ms until there is a token; 0: there is one. */
  readonly waitMs: number;
  /** Ms until the bucket is full. */
  readonly fullInMs: number;
}

/** Buckets that are looked at for each new one: more than one, so that full ones go faster than they come. */
const LOOKS = 2;
/** Buckets of which one has to go, where all are in use. */
const CANDIDATES = 8;

/**
 * A bucket is one number, when it will be full; one that is full takes no place. For each bucket that comes, a hand goes
 * on over two others and drops those that are full again, so that what is held are about the clients of one refill.
 *
 * Where there are too many nevertheless, of eight that are drawn the one goes that is the next to be full. So who comes
 * with many keys (addresses, values of a header) turns out its own first, which have hardly been used. To turn out one
 * that is used up it takes as many that are as far from full: `most` times the requests of that one, all of which were
 * granted. And no key that is new is ever refused for those that are there.
 *
 * @param most buckets that are kept; about 200 bytes each
 * @example
 * const buckets = createBuckets(100_000);
 * const { ok } = buckets.take('c:192.0.2.7', new TokenRate(100, 100), performance.now());
 */
export function createBuckets(most: number): Buckets {
  const slots = new Map<string, number>();
  // By slot: the key, and when its bucket will be full, ms. An array of nothing but doubles costs 8 bytes each.
  const keys: string[] = [];
  const fullAt: number[] = [];
  let hand = 0;

  const drop = (slot: number): void => {
    slots.delete(keys[slot] as string);
    const key = keys.pop() as string;
    const fullAtMs = fullAt.pop() as number;
    if (slot === keys.length) return;
    keys[slot] = key;
    fullAt[slot] = fullAtMs;
    slots.set(key, slot);
  };
  const dropFull = (nowMs: number): void => {
    for (let i = 0; i < LOOKS && keys.length > 0; i++) {
      if (hand >= keys.length) hand = 0;
      if ((fullAt[hand] as number) <= nowMs) drop(hand);
      else hand++;
    }
  };
  const makeRoom = (): void => {
    const draw = () => Math.floor(Math.random() * keys.length);
    let least = draw();
    for (let i = 1; i < CANDIDATES; i++) {
      const other = draw();
      if ((fullAt[other] as number) < (fullAt[least] as number)) least = other;
    }
    drop(least);
  };
  return {
    take(key, rate, nowMs) {
      const slot = slots.get(key);
      const before = slot === undefined ? nowMs : (fullAt[slot] as number);
      const waitMs = rate.waitMs(before, nowMs);
      if (waitMs > 0) return { ok: false, left: 0, waitMs, fullInMs: before - nowMs };
      const after = rate.take(before, nowMs);
      if (slot === undefined) {
        dropFull(nowMs);
        if (keys.length >= most) makeRoom();
        slots.set(key, keys.length);
        keys.push(key);
        fullAt.push(after);
      } else fullAt[slot] = after;
      return { ok: true, left: rate.tokens(after, nowMs), waitMs: rate.waitMs(after, nowMs), fullInMs: after - nowMs };
    },
    get size() {
      return keys.length;
    },
  };
}
