import type { ProxyConfig } from '@kafka-http-proxy/protocol';

/** What of a configuration works, and may not be what its operator meant: a sentence each. */
export function warningsOf(config: Pick<ProxyConfig, 'allowed_topics' | 'tls' | 'management_port'>): string[] {
  const { allowed_topics: allowed, tls, management_port: managementPort } = config;
  return [
    ...(allowed.includes('*') ? [ANY_TOPIC] : []),
    ...(tls?.client_auth === 'require' && managementPort === 0 ? [NO_PROBES] : []),
  ];
}

const ANY_TOPIC =
  'allowed_topics: * lets every client write to each topic that this login may write to, and have the brokers create ' +
  'topics where they do that by themselves; a record in a topic such as connect-configs is a command: name the ' +
  'topics that clients may use, or [] for the configured ones only';

const NO_PROBES =
  'tls.client_auth: require also holds for /health, /ready and /metrics while management_port is 0: probes and ' +
  'Prometheus have no certificate to show, so give management_port a port of its own';
