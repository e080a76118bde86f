import { judgeProperties, type PropertyMistake } from '@kafka-http-proxy/kafka';
import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import { judgeDoor } from './door/judge-door.js';

/**
 * What is wrong with a configuration that its schema takes: what librdkafka says of `kafka.properties`, and files of
 * the door that can't be used.
 */
export async function judgeProxyConfig(config: ProxyConfig): Promise<PropertyMistake[]> {
  const { properties, max_record_bytes: maxRecordBytes } = config.kafka;
  return [...(await judgeProperties({ properties, maxRecordBytes })), ...(await judgeDoor(config))];
}
