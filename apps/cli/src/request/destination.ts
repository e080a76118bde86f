import { type ProcessorConfig, type ProxyConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import type { Connection } from '../connection/connection.js';
import { mistake } from '../operator/exit.js';
import type { RequestFlags } from './flags.js';

/**
 * The configuration of the proxy that a request goes through: that of the given file, on what `--topic`, `--reply-topic`
 * and `--max-time` say. A processor's file tells the topics too.
 *
 * @throws CommandFailure where nothing says which topic
 */
export function proxyFor({ tiers, settings }: Connection, flags: RequestFlags): ProxyConfig {
  const proxy = tiers.find((one) => one.tier === 'proxy')?.config;
  const processor = tiers.find((one) => one.tier === 'processor')?.config;
  const given = proxy ?? ofProcessor(processor, settings.maxRecordBytes);
  const config = { ...given, kafka: { ...given.kafka, create_topics: false } };
  const limited = flags.maxTime === undefined ? config : { ...config, ...within(config, flags.maxTime) };
  if (flags.topic !== undefined) return { ...limited, ...directly(config, processor, flags.topic, flags.replyTopic) };
  if (flags.replyTopic !== undefined) throw mistake('--reply-topic: --topic was expected beside it');
  if (proxy !== undefined) return limited;
  if (processor === undefined)
    throw mistake('Which topic? Give --topic <name>, or --config <file> of the proxy, whose routes decide.');
  const [only, ...others] = processor.topics;
  if (only === undefined || others.length > 0)
    throw mistake(`Which topic? Give --topic: ${processor.topics.map((topic) => topic.request_topic).join(', ')}.`);
  return { ...limited, ...directly(config, processor, only.request_topic, undefined) };
}

/** The consumer group that reads a topic, as far as is known. */
export function groupOf({ tiers }: Connection, topic: string): string {
  for (const { tier, config } of tiers) {
    const found = tier === 'processor' ? config.topics.find((one) => one.request_topic === topic) : undefined;
    if (found !== undefined) return found.consumer_group;
  }
  return `processor-${topic}`;
}

function ofProcessor(processor: ProcessorConfig | undefined, maxRecordBytes: number): ProxyConfig {
  const kafka = { max_record_bytes: maxRecordBytes };
  if (processor === undefined) return proxyConfig.parse({ kafka });
  const { control_topic, dead_letter_topic } = processor;
  return proxyConfig.parse({ kafka, control_topic, dead_letter_topic });
}

/** No route: the request goes to this topic. Its time is that of the route to it. */
function directly(
  config: ProxyConfig,
  processor: ProcessorConfig | undefined,
  topic: string,
  replyTopic: string | undefined,
): Partial<ProxyConfig> {
  const route = config.routes.find((one) => one.request_topic === topic);
  const known = route?.response_topic ?? processor?.topics.find((one) => one.request_topic === topic)?.response_topic;
  return {
    routes: [],
    default_request_topic: topic,
    default_response_topic: replyTopic ?? known ?? config.default_response_topic,
    warmup_topics: [],
  };
}

function within(config: ProxyConfig, seconds: number): Partial<ProxyConfig> {
  return {
    default_timeout: seconds,
    max_timeout: Math.max(seconds, config.max_timeout),
    routes: config.routes.map((route) => ({ ...route, timeout: seconds })),
  };
}
