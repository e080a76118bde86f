import { Counter, Gauge, type Registry } from 'prom-client';

/** What became of a reload. */
export interface ReloadMetrics {
  /** @param begunMs when its reading began, ms since the epoch */
  taken(begunMs: number): void;
  refused(): void;
}

/**
 * Registers how often a changed configuration was taken, or refused.
 *
 * @param tier what the names begin with: `proxy`, `processor`
 * @example
 * const metrics = registerReloadMetrics(registry, 'proxy');
 * metrics.refused();
 */
export function registerReloadMetrics(registry: Registry, tier: string): ReloadMetrics {
  const registers = [registry];
  const reloads = new Counter({
    name: `${tier}_config_reloads_total`,
    help: 'Changed configurations by what became of them: taken or refused.',
    labelNames: ['result'] as const,
    registers,
  });
  reloads.inc({ result: 'taken' }, 0);
  reloads.inc({ result: 'refused' }, 0);
  const successful = new Gauge({
    name: `${tier}_config_last_reload_successful`,
    help: '1 when the last changed configuration was taken, or none came; 0 when it was refused.',
    registers,
  });
  const last = new Gauge({
    name: `${tier}_config_last_reload_success_timestamp_seconds`,
    help: 'When the configuration in effect was read.',
    registers,
  });
  successful.set(1);
  last.setToCurrentTime();
  return {
    taken(begunMs) {
      reloads.inc({ result: 'taken' });
      successful.set(1);
      last.set(begunMs / 1000);
    },
    refused() {
      reloads.inc({ result: 'refused' });
      successful.set(0);
    },
  };
}
