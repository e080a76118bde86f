import type { Registry } from 'prom-client';
import type { WarnLog } from '../log/flood-guard.js';
import { createTlsEndpoint, type TlsEndpoint } from './tls-endpoint.js';
import type { TlsSection } from './tls-material.js';
import { registerTlsMetrics } from './tls-metrics.js';

/**
 * The certificate of a tier, with its metrics; null where its configuration has none.
 *
 * @throws Error with a sentence, when the files can't be used
 * @example
 * const tls = openTls(config.tls, { tier: 'proxy', registry, logger });
 */
export function openTls(
  config: TlsSection | undefined,
  { tier, registry, logger }: { readonly tier: string; readonly registry: Registry; readonly logger: WarnLog },
): TlsEndpoint | null {
  if (config === undefined) return null;
  const metrics = registerTlsMetrics(registry, tier);
  const endpoint = createTlsEndpoint(config, { logger, failed: metrics.failed });
  metrics.of(endpoint);
  return endpoint;
}
