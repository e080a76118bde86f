import { Counter, Gauge, type Registry } from 'prom-client';
import { HANDSHAKE_FAILURES, type HandshakeFailure } from './handshake-failures.js';
import type { TlsEndpoint } from './tls-endpoint.js';

/** What is counted of TLS. */
export interface TlsMetrics {
  failed(why: HandshakeFailure): void;
  /** Has the gauge tell of this one. */
  of(endpoint: Pick<TlsEndpoint, 'expirySeconds'>): void;
}

/**
 * Registers when the certificate in use ends, and the handshakes that failed; only where there is TLS.
 *
 * @param tier what the names begin with: `proxy`, `processor`
 * @example
 * const metrics = registerTlsMetrics(registry, 'proxy');
 */
export function registerTlsMetrics(registry: Registry, tier: string): TlsMetrics {
  const failures = new Counter({
    name: `${tier}_tls_handshake_failures_total`,
    help: 'Connections that came to no TLS, by reason.',
    labelNames: ['reason'],
    registers: [registry],
  });
  for (const reason of HANDSHAKE_FAILURES) failures.inc({ reason }, 0);
  return {
    failed: (reason) => failures.inc({ reason }),
    of(endpoint) {
      new Gauge({
        name: `${tier}_tls_certificate_expiry_timestamp_seconds`,
        help: 'When the certificate of tls.cert ends, or the first of its chain; seconds since the epoch.',
        registers: [registry],
        collect() {
          this.set(endpoint.expirySeconds());
        },
      });
    },
  };
}
