import type { Clock } from '@kafka-http-proxy/streams';

/**
 * Topics beside the configured ones that request headers have brought into use: those that Kafka has, and that were
 * used last. A reply topic is read as long as somebody waits for a reply from it, and for a while after that.
 */
export interface NamedTopics {
  /** Kafka has taken a record for a request topic. */
  wrote(topic: string): void;
  /** A reply topic is open. False: it finds no place, since all the others are waited for; it is to be released. */
  opened(topic: string): boolean;
  /** Somebody waits for replies of a topic that is open; the returned function ends that. */
  lease(topic: string): () => void;
  /** A reply topic is open that the operator chose: whoever named it before, it is kept. */
  adopt(topic: string): void;
  /** True where a header has a reply topic in use. */
  hasReply(topic: string): boolean;
  /** For tests. */
  readonly size: number;
  close(): void;
}

/** What bounds named topics. */
export interface NamedTopicsOptions {
  /** Most at once; the least recently used gives way. Asked at each use. */
  readonly most: number;
  /** Reads a reply topic no longer. */
  release(topic: string): void;
  readonly clock: Clock;
}

/** How long a reply topic is read that nobody waits for, ms. */
export const QUIET_MS = 60_000;

interface Named {
  readonly topic: string;
  readonly isReply: boolean;
  /** Who waits for its replies. */
  leases: number;
  usedMs: number;
}

/**
 * Keeps those that were used last.
 *
 * @example
 * const named = createNamedTopics({ most: 1000, release: (topic) => reader.release(topic), clock });
 * if (!named.opened('replies')) reader.release('replies');
 */
export function createNamedTopics(options: NamedTopicsOptions): NamedTopics {
  const { release, clock } = options;
  // In the order of their use: what is deleted from a Map and set again goes to its end.
  const named = new Map<string, Named>();
  let cancel: (() => void) | null = null;

  const keyOf = (topic: string, isReply: boolean) => `${isReply ? '<' : '>'}${topic}`;
  const use = (topic: string, isReply: boolean): Named => {
    const key = keyOf(topic, isReply);
    const known = named.get(key) ?? { topic, isReply, leases: 0, usedMs: 0 };
    known.usedMs = clock.now();
    named.delete(key);
    named.set(key, known);
    return known;
  };
  const forget = (one: Named) => {
    named.delete(keyOf(one.topic, one.isReply));
    if (one.isReply) release(one.topic);
  };
  /** False when each of the others is waited for. */
  const makeRoom = (newest: Named): boolean => {
    for (const one of named.values()) {
      if (named.size <= options.most) return true;
      if (one !== newest && one.leases === 0) forget(one);
    }
    return named.size <= options.most;
  };
  const look = () => {
    cancel = null;
    const quietMs = clock.now() - QUIET_MS;
    for (const one of [...named.values()]) if (one.isReply && one.leases === 0 && one.usedMs <= quietMs) forget(one);
    arm();
  };
  const arm = () => {
    if (named.size > 0) cancel ??= clock.after(QUIET_MS / 4, look);
  };

  return {
    wrote(topic) {
      makeRoom(use(topic, false));
      arm();
    },
    opened(topic) {
      const one = use(topic, true);
      arm();
      if (makeRoom(one)) return true;
      named.delete(keyOf(topic, true));
      return false;
    },
    lease(topic) {
      const one = use(topic, true);
      arm();
      one.leases++;
      return () => {
        one.leases--;
        one.usedMs = clock.now();
      };
    },
    adopt: (topic) => void named.delete(keyOf(topic, true)),
    hasReply: (topic) => named.has(keyOf(topic, true)),
    get size() {
      return named.size;
    },
    close() {
      cancel?.();
      cancel = null;
    },
  };
}
