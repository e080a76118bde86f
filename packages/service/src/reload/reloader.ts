import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { ConfigError } from '../config/config-error.js';
import type { LoadedConfig } from '../config/load-config.js';
import { pathName } from '../config/schema-walk.js';
import { describeError } from '../log/describe-error.js';
import { compareConfigs } from './compare.js';
import type { ConfigChanges } from './config-changes.js';
import type { ConfigSource } from './config-source.js';
import { type ConfigStatus, configHash } from './config-status.js';
import { changedSince, createFileLooks, type Fingerprints } from './fingerprints.js';
import { namedFiles } from './named-files.js';
import type { ReloadLog } from './reload-log.js';
import type { ReloadMetrics } from './reload-metrics.js';

/** Takes a configuration that changed, whole or not at all. */
export interface Reloader {
  /** Somebody asks for it; after a reload that is under way. Resolves when it is done. Never rejects. */
  ask(): Promise<void>;
  /** Looks whether a file changed, and takes what it holds. Resolves when that is done. Never rejects. */
  look(): Promise<void>;
  status(): ConfigStatus;
}

/** What is reloaded, how, and who hears of it. */
export interface ReloaderOptions<S extends z.ZodType> {
  readonly schema: S;
  readonly source: ConfigSource<z.output<S>>;
  /** What the start was with: the last that the source gave. */
  readonly first: z.output<S>;
  /** When that began to be read, ms since the epoch. */
  readonly firstMs: number;
  /** Takes a configuration. @throws Error with a sentence; then everything is as before */
  readonly apply: (next: z.output<S>, changes: ConfigChanges) => Promise<void>;
  readonly log: ReloadLog;
  readonly metrics: ReloadMetrics;
  /** Waits for who is writing a file; half a second when left out. */
  readonly settle?: () => Promise<unknown>;
  readonly now?: () => number;
}

/** What was in order, and could not be taken (Kafka was away), is tried again after this, ms. */
const AGAIN_MS = 30_000;

/**
 * A file that moved is taken when it has stood still for this long, ms: of one that is being written, the first half,
 * or nothing, may be a configuration too.
 */
const SETTLE_MS = 500;

/** What is refused until somebody changes it, or (`passing`) may work later. */
interface Refusal {
  readonly mistakes: readonly string[];
  readonly passing: boolean;
}

/**
 * @example
 * const reloader = createReloader({ schema, source, first: config, firstMs, apply: service.reload, log, metrics });
 * process.on('SIGHUP', () => void reloader.ask());
 */
export function createReloader<S extends z.ZodType>(options: ReloaderOptions<S>): Reloader {
  const { schema, source, apply, log, metrics, now = Date.now } = options;
  const { settle = () => sleep(SETTLE_MS, undefined, { ref: false }) } = options;
  type Config = z.output<S>;
  const looks = createFileLooks(now);
  let current: Config = options.first;
  let loadedMs = options.firstMs;
  let hash = configHash(current, schema);
  let refusal: Refusal | null = null;
  let againAtMs = Number.POSITIVE_INFINITY;
  /** Of the configuration in effect; null until the first look. */
  let taken: Fingerprints | null = null;
  /** As it was when it was last tried. */
  let tried: Fingerprints = new Map();
  let last: Promise<void> = Promise.resolve();

  const filesOf = (config: Config) => [...source.files(), ...namedFiles(schema, config).map(({ path }) => path)];
  /** What a reading that failed would have named is not known: what is named now stays watched. */
  const lookAt = (config: Config) => looks.look([...new Set([...tried.keys(), ...filesOf(config)])]);

  const changesOf = (next: LoadedConfig<Config>, seen: Fingerprints): ConfigChanges | Refusal => {
    const differences = compareConfigs(schema, current, next.config);
    const fixed = differences.filter(({ live }) => !live);
    if (fixed.length > 0) {
      return { mistakes: fixed.map(({ path }) => next.line(path, NEEDS_RESTART)), passing: false };
    }
    const keys = differences.map(({ path }) => pathName(path));
    const files = namedFiles(schema, next.config).filter(({ key, path }) => {
      const before = taken?.get(path);
      return before !== undefined && before !== seen.get(path) && !keys.includes(key);
    });
    return { keys, files };
  };

  const attempt = async (): Promise<Refusal | { readonly next: Config; readonly changes: ConfigChanges }> => {
    // Before it is read: what changes meanwhile is found at the next look.
    tried = await lookAt(current);
    let next: LoadedConfig<Config>;
    try {
      next = await source.load();
    } catch (error) {
      return { mistakes: error instanceof ConfigError ? error.mistakes : [describeError(error)], passing: false };
    }
    const others = filesOf(next.config).filter((path) => !tried.has(path));
    if (others.length > 0) tried = new Map([...tried, ...(await looks.look([...tried.keys(), ...others]))]);
    const changes = changesOf(next, tried);
    if ('mistakes' in changes) return changes;
    try {
      if (changes.keys.length + changes.files.length > 0) await apply(next.config, changes);
    } catch (error) {
      return { mistakes: [describeError(error)], passing: true };
    }
    return { next: next.config, changes };
  };

  /** @param isNews false: only what has changed is told of */
  const reload = async (isNews: boolean): Promise<void> => {
    const begunMs = now();
    const result = await attempt();
    if ('mistakes' in result) {
      againAtMs = result.passing ? now() + AGAIN_MS : Number.POSITIVE_INFINITY;
      const isOther = refusal === null || String(refusal.mistakes) !== String(result.mistakes) || !result.passing;
      refusal = result;
      metrics.refused();
      if (isOther) log.refused(result.mistakes, new Date(loadedMs));
      return;
    }
    againAtMs = Number.POSITIVE_INFINITY;
    refusal = null;
    current = result.next;
    hash = configHash(current, schema);
    loadedMs = begunMs;
    const kept = new Set(filesOf(current));
    tried = new Map([...tried].filter(([path]) => kept.has(path)));
    taken = tried;
    if (!isNews && result.changes.keys.length + result.changes.files.length === 0) return;
    metrics.taken(begunMs);
    log.taken(result.changes);
  };

  const isDue = async (): Promise<boolean> => {
    const seen = await lookAt(current);
    if (taken === null) {
      taken = seen;
      tried = seen;
      return await changedSince([...seen.keys()], options.firstMs);
    }
    if (isSame(seen, tried)) return now() >= againAtMs;
    for (let before = seen; ; ) {
      await settle();
      const after = await lookAt(current);
      if (isSame(after, before)) return true;
      before = after;
    }
  };

  const afterLast = (work: () => Promise<void>): Promise<void> => {
    last = last.then(work).catch((error: unknown) => log.failed(error));
    return last;
  };
  return {
    ask: () =>
      afterLast(async () => {
        if (taken === null) await isDue();
        await reload(true);
      }),
    look: () =>
      afterLast(async () => {
        // What was written just before the start is read again by the first look: mostly it is what it was.
        const isFirst = taken === null;
        if (await isDue()) await reload(!isFirst);
      }),
    status: () => ({
      config_hash: hash,
      config_loaded_at: new Date(loadedMs).toISOString(),
      config_error: refusal === null ? null : refusal.mistakes.join('\n'),
    }),
  };
}

function isSame(a: Fingerprints, b: Fingerprints): boolean {
  return [...a].every(([path, content]) => b.get(path) === content);
}

const NEEDS_RESTART = 'this can’t change while the process runs: restart it';
