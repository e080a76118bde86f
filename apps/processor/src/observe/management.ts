import type { ProcessorConfig } from '@kafka-http-proxy/protocol';
import {
  createManagementApp,
  describeError,
  type Listening,
  type Logger,
  listen,
  type TlsEndpoint,
} from '@kafka-http-proxy/service';
import type { Registry } from 'prom-client';
import type { Readiness } from './status.js';

export interface ManagementSources {
  readonly registry: Registry;
  readonly logger: Pick<Logger, 'error'>;
  /** Null: plain HTTP. */
  readonly tls: TlsEndpoint | null;
  ready(): Readiness;
  /** What GET /status answers. */
  status(): object;
}

/**
 * Listens on the management port; null when there is none (`management_port` is 0).
 *
 * @throws Error with a sentence, when the port can't be listened on
 */
export async function openManagement(
  { host, management_port: port }: Pick<ProcessorConfig, 'host' | 'management_port'>,
  { registry, logger, tls, ready, status }: ManagementSources,
): Promise<Listening | null> {
  if (port === 0) return null;
  const app = createManagementApp({
    registry,
    ready,
    onError: (error) => logger.error(`the management server failed: ${describeError(error)}`),
    extra: (routes) =>
      routes.get('/status', (_request, response) => {
        response.json(status());
      }),
  });
  return await listen(app, { host, port, tls: tls && { endpoint: tls, asksClients: false } });
}
