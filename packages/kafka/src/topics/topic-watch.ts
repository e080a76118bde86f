import { pause } from '../client/timing.js';
import type { TopicState, TopicStates } from '../port/topics.js';

/** Knows which of the configured topics exist, and that one is no longer the one it was. */
export interface TopicWatch {
  /** Those that did not exist when it was last looked. */
  missing(): readonly string[];
  /** Looks now, and from then on again and again. Never rejects: a Kafka that does not answer leaves what was known. */
  check(): Promise<void>;
}

/** Which topics are watched, and who hears of them. */
export interface TopicWatchOptions {
  /** Asked at each look. */
  readonly topics: () => readonly string[];
  /** May reject while Kafka is away. */
  readonly describe: (topics: readonly string[]) => Promise<TopicStates>;
  /** These are missing, at each look: the place to create them again. May reject. */
  readonly onMissing: (topics: readonly string[]) => Promise<void>;
  /** These were deleted and created again, or have lost partitions, which Kafka does not do to a topic that lives. Must not reject. */
  readonly onRemade: (topics: readonly string[]) => Promise<void>;
  readonly signal: AbortSignal;
  /** Between two looks, ms. */
  readonly everyMs?: number;
}

/** One small request to one broker. */
const EVERY_MS = 2000;

/** Looks at topics again and again, from the first `check` until the signal. */
export function createTopicWatch(options: TopicWatchOptions): TopicWatch {
  const { describe, onMissing, onRemade, signal, everyMs = EVERY_MS } = options;
  /** As they were last seen. */
  const known = new Map<string, TopicState>();
  const missing = new Set<string>();
  /** That were there before: when they come back, they are others. */
  const vanished = new Set<string>();
  let started = false;

  const note = (states: TopicStates): string[] => {
    const remade: string[] = [];
    for (const [topic, now] of states) {
      const before = known.get(topic);
      if (now === null) {
        missing.add(topic);
        if (before !== undefined && before.id === null) vanished.add(topic);
        continue;
      }
      missing.delete(topic);
      known.set(topic, now);
      if (before !== undefined && (isAnother(before, now) || vanished.delete(topic))) remade.push(topic);
    }
    return remade;
  };
  const look = async (): Promise<void> => {
    const topics = options.topics();
    const gone = [...missing].filter((topic) => !topics.includes(topic));
    for (const topic of gone) missing.delete(topic);
    const states = await describe(topics).catch(() => null);
    if (states === null || signal.aborted) return;
    const remade = note(states);
    if (remade.length > 0) await onRemade(remade);
    if (missing.size > 0) await onMissing([...missing]).catch(() => undefined);
  };
  const go = async (): Promise<void> => {
    while (!signal.aborted) {
      await pause(everyMs, signal);
      if (!signal.aborted) await look();
    }
  };

  return {
    missing: () => [...missing],
    async check() {
      await look();
      if (started) return;
      started = true;
      void go();
    },
  };
}

function isAnother(before: TopicState, now: TopicState): boolean {
  if (before.id !== null && now.id !== null) return before.id !== now.id;
  return now.partitions < before.partitions;
}
