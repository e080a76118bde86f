import type { z } from 'zod';
import type { Logger, LogLevel } from '../log/logger.js';
import type { ConfigChanges } from '../reload/config-changes.js';
import type { ConfigSource } from '../reload/config-source.js';
import type { ConfigStatus } from '../reload/config-status.js';
import { createReloadLog } from '../reload/reload-log.js';
import type { ReloadMetrics } from '../reload/reload-metrics.js';
import { createReloader } from '../reload/reloader.js';
import { watchConfig } from '../reload/watch-config.js';
import type { RunningService } from './running-service.js';

/** Keys that every service has. */
interface CommonConfig {
  readonly log_level: LogLevel;
}

/** What a configuration that may change is made of. */
export interface LiveConfigOptions<S extends z.ZodType<CommonConfig>> {
  readonly schema: S;
  readonly source: ConfigSource<z.output<S>>;
  /** What the source gave at the start. */
  readonly first: z.output<S>;
  /** When that began to be read, ms since the epoch. */
  readonly firstMs: number;
  readonly logger: Logger;
  readonly metrics: ReloadMetrics;
}

/** The configuration of a service while it runs. */
export interface LiveConfig<C> {
  /** What is in effect. */
  current(): C;
  status(): ConfigStatus;
  /** Somebody asks for a reload. One that comes before {@link watch} is done then. */
  ask(): void;
  /** The service was started: from now on it is told what changes, until the signal. */
  watch(service: RunningService<C>, signal: AbortSignal): void;
}

/** @example const live = createLiveConfig({ schema, source, first, firstMs, logger, metrics }); */
export function createLiveConfig<S extends z.ZodType<CommonConfig>>(
  options: LiveConfigOptions<S>,
): LiveConfig<z.output<S>> {
  type Config = z.output<S>;
  const { logger } = options;
  let current: Config = options.first;
  let service: RunningService<Config> | null = null;
  let isStopping = false;
  let wasAsked = false;
  const apply = async (next: Config, changes: ConfigChanges): Promise<void> => {
    const beyond = [...changes.keys.filter((key) => key !== 'log_level'), ...changes.files];
    if (beyond.length > 0) {
      if (!service?.reload) throw new Error('this service takes no changes while it runs: restart it');
      await service.reload(next, changes);
    }
    logger.level = next.log_level;
    current = next;
  };
  const reloader = createReloader({ ...options, apply, log: createReloadLog(logger) });
  return {
    current: () => current,
    status: reloader.status,
    ask() {
      if (service === null) wasAsked = true;
      else if (!isStopping) void reloader.ask();
    },
    watch(started, signal) {
      service = started;
      isStopping = signal.aborted;
      signal.addEventListener(
        'abort',
        () => {
          isStopping = true;
        },
        { once: true },
      );
      watchConfig(reloader, signal);
      if (wasAsked && !isStopping) void reloader.ask();
    },
  };
}
