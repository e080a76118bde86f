import { type CounterSeries, type Logger, RequestCounter } from '@kafka-http-proxy/service';
import { Counter, type Registry } from 'prom-client';
import type { DoorDeps } from './door.js';

/** Counts what happens at the door, and logs once when keys can't be had, and when they can again. */
export function doorEvents(logger: Logger, registry: Registry): DoorDeps['events'] {
  const registers = [registry];
  const judged = new RequestCounter({
    name: 'proxy_auth_total',
    help: 'Requests that had to show who sent them, by the way they chose (jwt, api_key, mtls, none) and what came of it.',
    labelNames: ['method', 'result'] as const,
    registry,
  });
  /** By what came of it, by the way that was chosen. */
  const series: Record<string, Record<string, CounterSeries>> = {};
  const fetches = new Counter({
    name: 'proxy_jwks_fetches_total',
    help: 'Times that the issuer was asked for its keys, by whether it gave any: ok or failed.',
    labelNames: ['result'] as const,
    registers,
  });
  let before: string | null = null;
  return {
    judged(method, result) {
      series[result] ??= {};
      const byMethod = series[result];
      byMethod[method] ??= judged.labels({ method, result });
      byMethod[method].inc();
    },
    fetched(trouble) {
      fetches.inc({ result: trouble === null ? 'ok' : 'failed' });
      if (trouble !== null && trouble !== before)
        logger.warn({ reason: trouble }, 'the issuer gives no keys (auth.jwt.jwks)');
      if (trouble === null && before !== null) logger.info('the issuer gives keys again (auth.jwt.jwks)');
      before = trouble;
    },
  };
}
