import { setTimeout as pause } from 'node:timers/promises';
import type { World } from './world.js';

/** What the services said of themselves. */
export interface Readiness {
  /** Stops asking. Returns a sentence for each time in which nothing worked and all said that they were ready. */
  stop(answeredMs: readonly number[]): Promise<string[]>;
}

const EVERY_MS = 500;
const PATIENCE_MS = 1000;

/** What breaks takes a moment to be noticed, and work that is under way to be late, ms. */
const NOTICED_MS = 10_000;

/** What all of them said together at one moment, ms since the epoch. */
export interface Sample {
  readonly atMs: number;
  readonly ready: boolean;
}

/** Asks /ready of every service again and again. */
export function watchReadiness(world: Pick<World, 'proxies' | 'processors'>): Readiness {
  const stopping = new AbortController();
  const samples: Sample[] = [];
  const isReady = async (port: number): Promise<boolean> => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(`http://127.0.0.1:${port}/ready`, { signal }).catch(() => null);
    await response?.arrayBuffer().catch(() => undefined);
    return response?.status === 200;
  };
  const asking = (async () => {
    while (!stopping.signal.aborted) {
      const ports = [...world.proxies, ...world.processors].map(({ managementPort }) => managementPort);
      const all = await Promise.all(ports.map(isReady));
      samples.push({ atMs: Date.now(), ready: all.every(Boolean) });
      await pause(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop(answeredMs) {
      stopping.abort();
      await asking;
      return falselyReady(samples, answeredMs);
    },
  };
}

/** @param answeredMs when a request was answered as it should be */
export function falselyReady(samples: readonly Sample[], answeredMs: readonly number[]): string[] {
  const answers = [...answeredMs].sort((a, b) => a - b);
  return answers.flatMap((toMs, i) => {
    const fromMs = answers[i - 1] ?? toMs;
    const longestMs = longestReady(samples.filter(({ atMs }) => atMs > fromMs && atMs < toMs));
    return longestMs > NOTICED_MS
      ? [`every /ready said 200 for ${longestMs} ms in which no request was answered, until ${toMs}`]
      : [];
  });
}

function longestReady(samples: readonly Sample[]): number {
  let longestMs = 0;
  let sinceMs: number | null = null;
  for (const { atMs, ready } of samples) {
    sinceMs = ready ? (sinceMs ?? atMs) : null;
    if (sinceMs !== null) longestMs = Math.max(longestMs, atMs - sinceMs);
  }
  return longestMs;
}
