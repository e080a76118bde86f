import type { Identity } from './identity.js';

/** A token that was found good. */
export interface GoodToken {
  readonly token: string;
  readonly identity: Identity;
  /** When it is good no longer, ms since the epoch. */
  readonly untilMs: number;
}

/** Tokens that were found good, until they expire. */
export interface TokenCache {
  /** Null where it is not known, or has expired. */
  get(token: string): GoodToken | null;
  put(good: GoodToken): void;
}

/** Bounds of a cache. */
export interface TokenCacheOptions {
  readonly maxTokens?: number;
  /** Characters of all tokens together. */
  readonly maxCharacters?: number;
  readonly now?: () => number;
}

/**
 * To check a signature takes longer than all the rest of a request. Only tokens that were found good get in here, so
 * that nobody without one has a place; when it is full, the oldest make room.
 *
 * @example
 * const cache = createTokenCache();
 * cache.put({ token, identity, untilMs: exp * 1000 });
 */
export function createTokenCache(options: TokenCacheOptions = {}): TokenCache {
  const { maxTokens = 10_000, maxCharacters = 16 * 1024 * 1024, now = Date.now } = options;
  const entries = new Map<string, GoodToken>();
  let characters = 0;
  const drop = (token: string): void => {
    if (entries.delete(token)) characters -= token.length;
  };
  return {
    get(token) {
      const entry = entries.get(token);
      if (entry === undefined) return null;
      if (now() < entry.untilMs) return entry;
      drop(token);
      return null;
    },
    put(good) {
      const { token } = good;
      drop(token);
      entries.set(token, good);
      characters += token.length;
      for (const oldest of entries.keys()) {
        if (entries.size <= maxTokens && characters <= maxCharacters) break;
        drop(oldest);
      }
    },
  };
}
