import { judgeProperties, type PropertyMistake } from '@kafka-http-proxy/kafka';
import type { ProcessorConfig } from '@kafka-http-proxy/protocol';

/** What is wrong with a configuration that its schema takes: what librdkafka says of `kafka.properties`. */
export async function judgeProcessorConfig(config: ProcessorConfig): Promise<PropertyMistake[]> {
  const { properties, max_record_bytes: maxRecordBytes } = config.kafka;
  return await judgeProperties({ properties, maxRecordBytes, groupProtocol: config.group_protocol });
}
