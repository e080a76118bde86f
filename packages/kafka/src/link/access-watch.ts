import { pause } from '../client/timing.js';
import type { DeniedAccess } from '../port/access.js';

/** Knows what Kafka denies, now and while the process runs. */
export interface AccessWatch {
  /** As the last answer had it; empty until there is one. */
  denied(): readonly DeniedAccess[];
  /** Asks now. Resolves when it was answered; a broker that does not answer leaves what was known. */
  check(): Promise<void>;
  /** Something was refused: asks soon. */
  hint(): void;
}

/** Who is asked, and who hears the answers. */
export interface AccessWatchOptions {
  /** What Kafka denies now; may reject. */
  readonly ask: () => Promise<readonly DeniedAccess[]>;
  /** Hears each resource that is denied now, and was not, or not in this way. */
  readonly onDenied: (denied: DeniedAccess) => void;
  /** Hears each resource that is no longer denied. */
  readonly onGranted: (granted: DeniedAccess) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Between two questions while nothing is denied, ms. */
  readonly calmMs?: number;
  /** Between two questions while something is denied, ms. */
  readonly deniedMs?: number;
}

const CALM_MS = 30_000;
const DENIED_MS = 2000;

/** Begins with the first {@link AccessWatch.check}. */
export function createAccessWatch(options: AccessWatchOptions): AccessWatch {
  const { ask, onDenied, onGranted, signal, calmMs = CALM_MS, deniedMs = DENIED_MS } = options;
  let known = new Map<string, DeniedAccess>();
  let denied: readonly DeniedAccess[] = [];
  let asking: Promise<void> | null = null;
  let woken = new AbortController();
  let started = false;

  const look = async (): Promise<void> => {
    const answer = await ask().catch(() => null);
    if (answer === null || signal.aborted) return;
    const before = known;
    known = new Map(answer.map((denied) => [`${denied.resource} ${denied.name}`, denied]));
    denied = [...known.values()];
    for (const [key, now] of known) {
      if (String(before.get(key)?.operations) !== String(now.operations)) onDenied(now);
    }
    for (const [key, then] of before) if (!known.has(key)) onGranted(then);
  };
  const check = (): Promise<void> =>
    (asking ??= look().finally(() => {
      asking = null;
    }));
  const go = async (): Promise<void> => {
    while (!signal.aborted) {
      woken = new AbortController();
      await pause(known.size > 0 ? deniedMs : calmMs, AbortSignal.any([signal, woken.signal]));
      if (!signal.aborted) await check();
    }
  };

  return {
    denied: () => denied,
    async check() {
      await check();
      if (started) return;
      started = true;
      void go();
    },
    hint: () => woken.abort(),
  };
}
