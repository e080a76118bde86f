import { judgeProperties } from '@kafka-http-proxy/kafka';
import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import { type ConfigDoubt, tlsDoubts } from '@kafka-http-proxy/service';
import { judgeDoor } from './door/judge-door.js';

/**
 * What is wrong with a configuration that its schema takes: files of `tls` and of the door that can't be used, and what
 * librdkafka says of `kafka.properties`.
 */
export async function judgeProxyConfig(config: ProxyConfig): Promise<ConfigDoubt[]> {
  const { properties, max_record_bytes: maxRecordBytes } = config.kafka;
  return [
    ...tlsDoubts(config.tls),
    ...(await judgeProperties({ properties, maxRecordBytes })),
    ...(await judgeDoor(config)),
  ];
}
