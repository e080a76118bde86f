import type { ProxyConfig } from '@kafka-http-proxy/protocol';

/** What of a configuration is looked at. */
type Watched = Pick<
  ProxyConfig,
  'allowed_topics' | 'auth' | 'client_topics' | 'management_port' | 'tls' | 'trusted_proxies'
>;

/** What of a configuration works, and may not be what its operator meant: a sentence each. */
export function warningsOf(config: Watched): string[] {
  const { allowed_topics: allowed, auth, client_topics: topics, tls, management_port: managementPort } = config;
  const takesSecrets = auth.jwt !== undefined || auth.api_keys !== undefined;
  return [
    ...(allowed.includes('*') && topics !== 'deny' ? [ANY_TOPIC] : []),
    ...(tls?.client_auth === 'require' && managementPort === 0 ? [NO_PROBES] : []),
    ...(config.trusted_proxies?.some((range) => range.endsWith('/0')) ? [ALL_TRUSTED] : []),
    ...(takesSecrets && tls === undefined && config.trusted_proxies === undefined ? [IN_THE_CLEAR] : []),
  ];
}

const ANY_TOPIC =
  'allowed_topics: * lets every client write to each topic that this login may write to, and have the brokers create ' +
  'topics where they do that by themselves; a record in a topic such as connect-configs is a command: name the ' +
  'topics that clients may use, or [] for the configured ones only';

const NO_PROBES =
  'tls.client_auth: require also holds for /health, /ready and /metrics while management_port is 0: probes and ' +
  'Prometheus have no certificate to show, so give management_port a port of its own';

const IN_THE_CLEAR =
  'auth: tokens and keys come in the clear, for whoever listens on the way to use: set tls, or, where TLS ends at a ' +
  'proxy in front, name that in trusted_proxies';

const ALL_TRUSTED =
  'trusted_proxies: a range that ends in /0 has everybody in it: whoever calls can say that he comes from elsewhere, and ' +
  'show the certificate of another in Client-Cert: name what is in front';
