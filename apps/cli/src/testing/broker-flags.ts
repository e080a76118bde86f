import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';

/** The options that lead a command to the broker of the run. */
export function brokerFlags({ bootstrapServers, properties }: BrokerUnderTest): string[] {
  const more = Object.entries(properties).flatMap(([name, value]) => ['-X', `${name}=${value}`]);
  return ['-b', bootstrapServers, ...more];
}
