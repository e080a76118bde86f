import type { KafkaSettings } from '@kafka-http-proxy/kafka';
import type { ToolTarget } from '@kafka-http-proxy/operate';

/** How the file is called in commands that are printed, where nobody says. */
const COMMAND_CONFIG = 'admin.properties';

/**
 * Where Kafka's own tools find the cluster of these settings.
 *
 * @param commandConfig file that they log in with; `admin.properties` where a login is needed and it is left out
 */
export function toolTarget(
  { bootstrapServers, properties }: Pick<KafkaSettings, 'bootstrapServers' | 'properties'>,
  commandConfig?: string,
): ToolTarget {
  const protocol = String(properties['security.protocol'] ?? 'plaintext').toLowerCase();
  return { bootstrapServers, commandConfig: commandConfig ?? (protocol === 'plaintext' ? null : COMMAND_CONFIG) };
}
