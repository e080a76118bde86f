import type { ProcessorConfig } from '@kafka-http-proxy/protocol';
import type { StartSummary } from '@kafka-http-proxy/service';

/** What a person is shown at the start: where it listens, and which topics go to which backends. */
export function processorSummary(
  { host, tls, topics }: ProcessorConfig,
  { managementPort }: { readonly managementPort: number | null },
): StartSummary {
  const width = Math.max(...topics.map((topic) => topic.request_topic.length));
  return {
    listening:
      managementPort === null
        ? 'nothing: management_port is 0'
        : `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${managementPort}, /health, /ready, /metrics and /status`,
    label: 'topics',
    ways: topics.map(
      (topic) => `${topic.request_topic.padEnd(width)} -> ${topic.backend_url} (group ${topic.consumer_group})`,
    ),
  };
}
