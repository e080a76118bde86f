import { judgeProperties } from '@kafka-http-proxy/kafka';
import type { ProcessorConfig } from '@kafka-http-proxy/protocol';
import { type ConfigDoubt, tlsDoubts } from '@kafka-http-proxy/service';

/** What is wrong with a configuration that its schema takes: files of `tls`, what librdkafka says of `kafka.properties`. */
export async function judgeProcessorConfig(config: ProcessorConfig): Promise<ConfigDoubt[]> {
  const { properties, max_record_bytes: maxRecordBytes } = config.kafka;
  const use = { properties, maxRecordBytes, groupProtocol: config.group_protocol };
  return [...tlsDoubts(config.tls), ...(await judgeProperties(use))];
}
