import type { ProxyConfig } from '@kafka-http-proxy/protocol';

/** What of a configuration works, and may not be what its operator meant: a sentence each. */
export function warningsOf({ allowed_topics: allowed }: Pick<ProxyConfig, 'allowed_topics'>): string[] {
  return allowed.includes('*') ? [ANY_TOPIC] : [];
}

const ANY_TOPIC =
  'allowed_topics: * lets every client write to each topic that this login may write to, and have the brokers create ' +
  'topics where they do that by themselves; a record in a topic such as connect-configs is a command: name the ' +
  'topics that clients may use, or [] for the configured ones only';
