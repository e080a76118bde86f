import { Gauge, type Registry } from 'prom-client';
import type { Readiness } from './management-app.js';

/**
 * Registers whether GET /ready would answer 200: what monitoring sees of it, since Prometheus does not ask /ready.
 *
 * @param tier what the name begins with: `proxy`, `processor`
 * @example
 * registerReadinessGauge(registry, 'proxy', readiness);
 */
export function registerReadinessGauge(registry: Registry, tier: string, ready: () => Readiness): void {
  new Gauge({
    name: `${tier}_ready`,
    help: '1 while GET /ready answers 200, 0 while it says what is waited for.',
    registers: [registry],
    collect() {
      this.set(ready().ready ? 1 : 0);
    },
  });
}
