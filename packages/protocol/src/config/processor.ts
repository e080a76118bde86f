import { z } from 'zod';
import { marksTopic } from '../topics.js';
import { processorTls } from './door/tls.js';
import {
  count,
  kafkaConfig,
  portNumber,
  positiveCount,
  seconds,
  serviceKeys,
  streamKeys,
  topicGlobs,
  topicName,
  topicShare,
} from './keys/common.js';
import { key } from './keys/key.js';
import { PROBE_PATH, type TopicConfig, topicConfig } from './topic.js';

const ISOLATION = 'read_committed or read_uncommitted';
const INSTANCE_ID = 'a name of 1 to 249 characters';

/** Configuration of the processor, with every default. Keys are 1.0.1's where it had them. */
export const processorConfig = z
  .strictObject({
    kafka: kafkaConfig,
    topics: key(z.array(topicConfig, 'a list of topics').min(1, 'at least one topic'), {
      about:
        'What to consume and where to send it; KAFKA_TOPICS is a list of name:request_topic,response_topic,backend_url[,timeout[,max_retries[,rate_limit]]].',
      live: true,
      env: 'KAFKA_TOPICS',
    }),
    max_concurrent_requests: key(positiveCount.default(100), {
      about: 'Most requests at the backends at once.',
      live: true,
      env: 'MAX_CONCURRENT_REQUESTS',
      as: 'number',
    }),
    topic_share: topicShare(
      'Share of max_concurrent_requests that is a topic’s own: of the rest it is lent half while others do not need it.',
    ),
    health_check_interval: key(seconds.default(30), {
      about: 'Seconds between health probes of a backend; 0: none.',
      live: true,
      env: 'HEALTH_CHECK_INTERVAL',
      as: 'number',
    }),
    health_path: key(z.string(PROBE_PATH).startsWith('/', PROBE_PATH).default('/health'), {
      about: 'Path of the health probe.',
      live: true,
      env: 'HEALTH_PATH',
    }),
    dead_letter_topic: key(topicName.optional(), {
      about: 'Topic for requests that failed for good; none when left out.',
      live: true,
      env: 'DEAD_LETTER_TOPIC',
    }),
    dead_letter: key(z.enum(['all', 'writes'], 'all or writes').default('all'), {
      about:
        'Which requests that failed go there: all; or writes, without those whose method only reads (GET, HEAD, OPTIONS, …).',
      live: true,
      env: 'DEAD_LETTER',
    }),
    group_protocol: key(z.enum(['classic', 'consumer', 'auto'], 'classic, consumer or auto').default('classic'), {
      about:
        'How consumer groups share partitions out: classic; consumer (KIP-848, Kafka 4.0 or later); auto: the latter where the broker has it.',
      env: 'GROUP_PROTOCOL',
    }),
    isolation_level: key(z.enum(['read_committed', 'read_uncommitted'], ISOLATION).default('read_committed'), {
      about:
        'Whether requests of Kafka transactions that are open or were aborted are carried out: read_committed, they are not.',
      env: 'ISOLATION_LEVEL',
    }),
    allowed_response_topics: key(topicGlobs.optional(), {
      about:
        'Globs of topics that a reply may go to, beside the response_topic of its request topic. Left out: any that is not internal, a request topic, control_topic or a dead-letter topic.',
      live: true,
      env: 'ALLOWED_RESPONSE_TOPICS',
      as: 'list',
    }),
    ...streamKeys,
    retry_buffer: key(count.default(1_048_576), {
      about: 'Bytes of a streamed request body that are kept so that it can be sent again.',
      env: 'RETRY_BUFFER',
      as: 'number',
    }),
    instance_id: key(z.string(INSTANCE_ID).min(1, INSTANCE_ID).max(249, INSTANCE_ID).optional(), {
      about:
        'Name of this instance; a trailing -<number> is its ordinal, which chooses its partition of control_topic. The host name when left out.',
      env: 'INSTANCE_ID',
    }),
    management_port: key(portNumber.default(0), {
      about: 'Port of /status, /health, /ready and /metrics; 0: none, as in 1.0.1.',
      env: 'MANAGEMENT_PORT',
      as: 'number',
    }),
    tls: processorTls,
    host: serviceKeys.host,
    shutdown_grace: serviceKeys.shutdown_grace,
    via: serviceKeys.via,
    log_level: serviceKeys.log_level,
  })
  // Zod leaves a check out once anything was refused; this one reads what there is, so that the
  // operator sees every mistake at once.
  .superRefine((config, context) => crossCheck(config, context), { when: () => true });
/** The configuration of a processor, as its code gets it. */
export type ProcessorConfig = z.infer<typeof processorConfig>;

/** What is wrong between the keys. The config may be half parsed: nothing of it is what its type says. */
function crossCheck(config: unknown, context: z.core.$RefinementCtx): void {
  const {
    topics,
    dead_letter_topic: deadLetter,
    control_topic: control,
  } = (config ?? {}) as Partial<Record<keyof ProcessorConfig, unknown>>;
  if (deadLetter !== undefined && deadLetter === control) {
    const message = 'a topic other than control_topic';
    context.addIssue({ code: 'custom', path: ['dead_letter_topic'], message });
  }
  if (!Array.isArray(topics)) return;
  const seen = new Map<unknown, number>();
  for (const [i, topic] of topics.entries()) {
    const request = (topic as Partial<TopicConfig> | null)?.request_topic;
    if (typeof request === 'string' && !seen.has(request)) seen.set(request, i);
  }
  /** What a topic that requests or replies go through is used for already; null when for nothing. */
  const usedAs = (name: unknown): string | null => {
    if (name === control) return 'control_topic';
    if (typeof deadLetter !== 'string') return null;
    if (name === deadLetter) return 'dead_letter_topic';
    return name === marksTopic(deadLetter) ? 'dead_letter_topic and -marks, where its marks go' : null;
  };
  for (const [i, topic] of topics.entries()) {
    const { request_topic: request, response_topic: response, ...rest } = (topic ?? {}) as Partial<TopicConfig>;
    const refuse = (expected: string, name: keyof TopicConfig = 'request_topic'): void =>
      context.addIssue({ code: 'custom', path: ['topics', i, name], message: expected });
    if (rest.on_unhealthy === 'pause' && rest.circuit_breaker === false) {
      refuse('fail_fast where circuit_breaker is false', 'on_unhealthy');
    }
    if (typeof request !== 'string') continue;
    const first = seen.get(request) ?? i;
    if (first !== i) refuse(`a topic other than that of topics[${first}]`);
    if (request === response) refuse('a topic other than response_topic');
    const taken = usedAs(request);
    if (taken !== null) refuse(`a topic other than ${taken}`);
    if (typeof response !== 'string') continue;
    const replies = usedAs(response);
    const read = seen.get(response);
    if (replies !== null) {
      refuse(`a topic other than ${replies}`, 'response_topic');
    } else if (read !== undefined && response !== request) {
      // They would be read as requests.
      refuse(`a topic other than topics[${read}].request_topic`, 'response_topic');
    }
  }
}
