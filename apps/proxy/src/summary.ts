import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import type { StartSummary } from '@kafka-http-proxy/service';
import { defaultRequestTopic } from './configured.js';
import type { RunningProxy } from './running-proxy.js';

/** What a person is shown at the start: where it listens, and which paths go to which topics. */
export function proxySummary(
  config: ProxyConfig,
  { port, managementPort }: Pick<RunningProxy, 'port' | 'managementPort'>,
): StartSummary {
  const { host, tls, routes, default_response_topic: response } = config;
  const request = defaultRequestTopic(config);
  const paths = '/health, /ready and /metrics';
  const management = managementPort === port ? `, also ${paths}` : `; ${paths} on port ${managementPort}`;
  const shown = routes.map(({ path, methods, ...topics }) => ({
    from: methods === undefined ? path : `${methods.join(',')} ${path}`,
    to: `${topics.request_topic} -> ${topics.response_topic ?? response}`,
  }));
  shown.push({
    from: routes.length === 0 ? 'any path' : 'else',
    to: request === null ? '404' : `${request} -> ${response}`,
  });
  const width = Math.max(...shown.map(({ from }) => from.length));
  return {
    listening: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}${management}`,
    label: 'routes',
    ways: shown.map(({ from, to }) => `${from.padEnd(width)} -> ${to}`),
  };
}
