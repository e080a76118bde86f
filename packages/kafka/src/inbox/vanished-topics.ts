import { pause } from '../client/timing.js';

/** Notices that topics were deleted while they were read, and when they are back. */
export interface VanishedTopics {
  /** The broker does not know a partition that was read: looks which topic it may be. */
  doubt(): void;
}

/** How vanished topics are looked for. */
export interface VanishedTopicsOptions {
  readonly topics: () => string[];
  /** Whether a topic exists; may reject while Kafka is away. */
  readonly exists: (topic: string) => Promise<boolean>;
  /** These were deleted and are back, empty but for what came since. */
  readonly onReturned: (topics: string[]) => void;
  readonly signal: AbortSignal;
  /** Between two looks, ms. */
  readonly everyMs?: number;
}

/** A deletion takes a moment to show: this many looks after a doubt without a topic missing end it. */
const CALM_LOOKS = 4;

/** Looks after topics that vanished, until they are back. */
export function createVanishedTopics(options: VanishedTopicsOptions): VanishedTopics {
  const { topics, exists, onReturned, signal, everyMs = 500 } = options;
  const gone = new Set<string>();
  let looksLeft = 0;
  let looking = false;

  const look = async (): Promise<void> => {
    const returned: string[] = [];
    for (const topic of topics()) {
      const there = await exists(topic).catch(() => null);
      if (there === false) gone.add(topic);
      if (there === true && gone.delete(topic)) returned.push(topic);
    }
    if (returned.length > 0 && !signal.aborted) onReturned(returned);
  };

  return {
    doubt() {
      looksLeft = CALM_LOOKS;
      if (looking) return;
      looking = true;
      void (async () => {
        for (; (looksLeft > 0 || gone.size > 0) && !signal.aborted; looksLeft--) {
          await look();
          await pause(everyMs, signal);
        }
        looking = false;
      })();
    },
  };
}
