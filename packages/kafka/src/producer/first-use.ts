/** Holds back what is written to topics that were not written to before. */
export interface FirstUse {
  /** Whether the topic may be written to at once. */
  isOver(topic: string): boolean;
  /** Calls `go` when the topic is ready, after all that was held for it before. */
  hold(topic: string, go: () => void): void;
  /** Lets go of everything that is held; from now on all may be written at once. */
  release(): void;
}

/** Most topics that are known to serve; beyond it all are asked again. Who names topics may be a stranger. */
const MOST_TOPICS = 10_000;

/**
 * Holds back what is written to a topic for the first time, in its order, until the topic is ready.
 *
 * @param becomesReady resolves when the topic may be written to; whether it is known to be ready from now on.
 *   What is held is let go of either way. Must not reject.
 * @example
 * const firstUse = createFirstUse(async (topic) => leadersServe(topic));
 * if (firstUse.isOver('orders')) produce(record);
 * else firstUse.hold('orders', () => produce(record));
 */
export function createFirstUse(becomesReady: (topic: string) => Promise<boolean>): FirstUse {
  const ready = new Set<string>();
  const held = new Map<string, (() => void)[]>();
  let released = false;

  const letGo = (topic: string): void => {
    const waiting = held.get(topic) ?? [];
    held.delete(topic);
    for (const go of waiting) go();
  };
  const prepare = async (topic: string): Promise<void> => {
    if (await becomesReady(topic)) {
      if (ready.size >= MOST_TOPICS) ready.clear();
      ready.add(topic);
    }
    letGo(topic);
  };
  return {
    isOver: (topic) => released || ready.has(topic),
    hold(topic, go) {
      const waiting = held.get(topic);
      if (waiting !== undefined) {
        waiting.push(go);
        return;
      }
      held.set(topic, [go]);
      void prepare(topic);
    },
    release() {
      released = true;
      for (const topic of [...held.keys()]) letGo(topic);
    },
  };
}
