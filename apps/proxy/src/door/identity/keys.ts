import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@kafka-http-proxy/streams';
import { type createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { CannotJudge } from './identity.js';

/** A set of keys. */
export type KeySet = ReturnType<typeof createLocalJWKSet>;

/** Public keys of an issuer. */
export interface IssuerKeys {
  /** Finds the key of a token. @throws {CannotJudge} while there never was one; jose's errors where none is right */
  readonly keyOf: JWTVerifyGetKey;
  /** Resolves when they were first asked for, with success or not. */
  readonly asked: Promise<void>;
  /** How often keys were taken away: what was proved by one then is proved no longer. */
  withdrawn(): number;
  /** Why there are none yet; null where there are. */
  trouble(): string | null;
  close(): void;
}

/** How keys are had from an issuer. */
export interface RemoteKeysOptions {
  /** @throws Error with a sentence */
  readonly fetch: () => Promise<KeySet>;
  /** Hears of each fetch: null, or why it failed. */
  readonly fetched: (trouble: string | null) => void;
  readonly clock: Clock;
}

/** Keys are asked for anew after this, so that one that is to be used soon is known before, ms. */
const REFRESH_MS = 600_000;
/** Strangers can have keys asked for, by naming one that isn't there: once in this time, ms. */
const COOLDOWN_MS = 30_000;
/** The first wait after a failure while there are no keys, ms; each further one is twice as long, up to the cooldown. */
const AGAIN_MS = 1000;
/** Most tokens that wait for keys at once: of the places where tokens are judged, some stay free for those whose key is known. */
const MAX_WAITING = 400;

/**
 * Keys that are asked for at once, again and again, and where a token names one that is not known. What was had last
 * is good until there is something newer: an issuer that is away locks nobody out.
 *
 * @example
 * const keys = createRemoteKeys({ fetch: () => fetchKeys(url), fetched, clock });
 * await jwtVerify(token, keys.keyOf, options);
 */
export function createRemoteKeys({ fetch, fetched, clock }: RemoteKeysOptions): IssuerKeys {
  let current: KeySet | null = null;
  let withdrawals = 0;
  let waiting = 0;
  let why = 'they were not had yet';
  let underWay: Promise<void> | null = null;
  let failures = 0;
  let lastWantedMs = Number.NEGATIVE_INFINITY;
  let cancel = (): void => undefined;
  let closed = false;

  const ask = async (): Promise<void> => {
    try {
      const next = await fetch();
      if (current !== null && !hasAll(next, current)) withdrawals++;
      current = next;
      failures = 0;
      fetched(null);
    } catch (error) {
      failures++;
      why = (error as Error).message;
      fetched(why);
    }
  };
  const refresh = (): Promise<void> => {
    cancel();
    underWay ??= ask().then(() => {
      underWay = null;
      if (closed) return;
      const againMs = current === null ? Math.min(COOLDOWN_MS, AGAIN_MS * 2 ** (failures - 1)) : COOLDOWN_MS;
      const waitMs = failures === 0 ? REFRESH_MS : againMs;
      cancel = clock.after(waitMs, () => void refresh());
    });
    return underWay;
  };
  /** Null where strangers have had their fetch lately. */
  const wanted = (): Promise<void> | null => {
    if (clock.now() - lastWantedMs < COOLDOWN_MS) return null;
    lastWantedMs = clock.now();
    return refresh();
  };

  /** Waits for keys. @throws {CannotJudge} where too many do */
  const turn = async (asked: Promise<void>): Promise<void> => {
    if (waiting >= MAX_WAITING) throw new CannotJudge('More tokens than can wait name keys that are not known yet.');
    waiting++;
    await asked;
    waiting--;
  };

  const keyOf: JWTVerifyGetKey = async (header, token) => {
    if (current === null && underWay !== null) await turn(underWay);
    for (let waited = false; ; waited = true) {
      if (current === null) throw new CannotJudge('No key of the issuer could be had yet: no token can be judged.');
      try {
        return await current(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        // One that began before the issuer had the key may be under way: then one more is to be asked for.
        const next: Promise<void> | null = waited ? wanted() : (underWay ?? wanted());
        if (next === null) throw error;
        await turn(next);
      }
    }
  };
  return {
    keyOf,
    asked: refresh(),
    withdrawn: () => withdrawals,
    trouble: () => (current === null ? why : null),
    close() {
      closed = true;
      cancel();
    },
  };
}

/** Keys that were read from a file, and don't change: another file is another configuration. */
export function fixedKeys(keys: KeySet): IssuerKeys {
  return { keyOf: keys, asked: Promise.resolve(), withdrawn: () => 0, trouble: () => null, close: () => undefined };
}

/** True where a set has every key of another, unchanged. */
function hasAll(set: KeySet, other: KeySet): boolean {
  const { keys } = set.jwks();
  return other.jwks().keys.every((key) => keys.some((one) => isDeepStrictEqual(one, key)));
}
