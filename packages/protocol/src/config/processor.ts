import { z } from 'zod';
import { isFieldValue, isToken } from '../header-list.js';
import { marksTopic } from '../topics.js';
import {
  compression,
  count,
  kafkaConfig,
  portNumber,
  positiveCount,
  seconds,
  serviceKeys,
  someSeconds,
  streamKeys,
  topicGlobs,
  topicName,
  topicShare,
} from './common.js';
import { key } from './key.js';

const BACKEND_URL = 'an http:// or https:// URL without credentials, query or fragment';
const backendUrl = z.string(BACKEND_URL).refine((text) => {
  const url = URL.parse?.(text) ?? parseUrl(text);
  const plain = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === '';
  return plain && /^https?:$/.test(url.protocol);
}, BACKEND_URL);

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

const SHARE = 'a share above 0 and below 1';
const REQUEST_RATE = 'a number of requests per second, 0 or more';

const circuitBreaker = z.union(
  [
    z.literal(false),
    z.strictObject({
      threshold: key(z.number(SHARE).gt(0, SHARE).lt(1, SHARE).default(0.5), {
        about: 'Share of failures that opens the breaker.',
      }),
      window: key(someSeconds.default(30), { about: 'Seconds over which the share is taken.' }),
      min_rps: key(z.number(REQUEST_RATE).min(0, REQUEST_RATE).default(5), {
        about: 'Requests per second below which it stays closed.',
      }),
      half_open_after: key(someSeconds.default(5), { about: 'Seconds until a trial request is let through.' }),
    }),
  ],
  'false, or a section of threshold, window, min_rps and half_open_after',
);

const ISOLATION = 'read_committed or read_uncommitted';
const GROUP = 'a consumer group of 1 to 249 characters';
const STATUS = 'a status of 400 to 599';
const RATE = 'a number of requests per second, above 0';
const INSTANCE_ID = 'a name of 1 to 249 characters';
const PROBE_PATH = 'a path that starts with /';
const fileName = z.string('the name of a PEM file').min(1, 'the name of a PEM file');
const serverName = z.string('a host name').min(1, 'a host name');

/** One request topic and the backend behind it. */
export const topicConfig = z
  .strictObject({
    request_topic: key(topicName, { about: 'Topic to consume.' }),
    response_topic: key(topicName.optional(), {
      about: 'Where replies to version 1 requests go; {request_topic}-responses when left out.',
    }),
    allowed_response_topics: key(topicGlobs.optional(), {
      about:
        'Globs of topics that replies to requests of this topic may go to, beside response_topic; the common allowed_response_topics when left out.',
    }),
    backend_url: key(backendUrl, { about: 'Origin of the backend, and a path to put before the target.' }),
    consumer_group: key(z.string(GROUP).min(1, GROUP).max(249, GROUP).optional(), {
      about: 'Consumer group; processor-{request_topic} when left out.',
    }),
    timeout: key(someSeconds.default(30), {
      about: 'Seconds that one attempt at the backend may take, the deadline permitting.',
    }),
    max_retries: key(positiveCount.default(3), { about: 'Attempts in all, the first one included.' }),
    rate_limit: key(z.number(RATE).positive(RATE).optional(), {
      about: 'Requests per second to the backend; no limit when left out.',
    }),
    ordering: key(z.enum(['none', 'key'], 'none or key').default('none'), {
      about: 'key: requests of one record key run one after the other.',
    }),
    retry_statuses: key(z.array(z.int(STATUS).min(400, STATUS).max(599, STATUS), 'a list of statuses').default([]), {
      about: 'Statuses of the backend that count as failures to repeat.',
    }),
    preserve_host: key(z.boolean('true or false').default(false), { about: 'Send the client’s Host to the backend.' }),
    headers: key(
      z
        .record(
          z.string().refine(isToken, 'a header name'),
          z.string('a header value').refine(isFieldValue, 'a header value'),
        )
        .default({}),
      { about: 'Headers set on each request to the backend.', secret: true },
    ),
    tls: key(
      z
        .strictObject({
          ca: key(fileName.optional(), { about: 'File with the authorities to trust, PEM.' }),
          cert: key(fileName.optional(), { about: 'File with the client certificate, PEM.' }),
          key: key(fileName.optional(), { about: 'File with the key of the client certificate, PEM.' }),
          server_name: key(serverName.optional(), { about: 'Name to expect in the backend’s certificate.' }),
          reject_unauthorized: key(z.boolean('true or false').default(true), {
            about: 'false accepts any certificate: for tests only.',
          }),
        })
        .optional(),
      { about: 'TLS towards an https backend.' },
    ),
    keep_alive_timeout: key(seconds.default(1.5), {
      about:
        'Seconds that a connection to the backend is kept without a request, a second less than its Keep-Alive: timeout at most; 0: a connection each.',
    }),
    max_connection_age: key(seconds.default(30), {
      about:
        'Seconds after which a connection to the backend is made again, so that its name is resolved again; 0: never.',
    }),
    compression: key(compression.default('none'), {
      about: 'Compression of reply bodies: none, lz4 or zstd; not of bodies that are encoded already.',
    }),
    circuit_breaker: key(circuitBreaker.prefault({}), {
      about: 'When the backend fails often, hold requests off from it, as on_unhealthy says; false: never.',
    }),
    on_unhealthy: key(z.enum(['fail_fast', 'pause'], 'fail_fast or pause').default('fail_fast'), {
      about:
        'While requests are held off: fail_fast answers them with 503 at once; pause lets them wait until their deadline.',
    }),
    health_path: key(z.string(PROBE_PATH).startsWith('/', PROBE_PATH).optional(), {
      about: 'Path of the health probe; the common health_path when left out.',
    }),
  })
  .transform((topic) => ({
    ...topic,
    response_topic: topic.response_topic ?? `${topic.request_topic}-responses`,
    consumer_group: topic.consumer_group ?? `processor-${topic.request_topic}`,
  }));
export type TopicConfig = z.infer<typeof topicConfig>;
export type CircuitBreakerConfig = Exclude<TopicConfig['circuit_breaker'], false>;

/** Configuration of the processor, with every default. Keys are 1.0.1's where it had them. */
export const processorConfig = z
  .strictObject({
    kafka: kafkaConfig,
    topics: key(z.array(topicConfig, 'a list of topics').min(1, 'at least one topic'), {
      about:
        'What to consume and where to send it; KAFKA_TOPICS is a list of name:request_topic,response_topic,backend_url[,timeout[,max_retries[,rate_limit]]].',
      env: 'KAFKA_TOPICS',
    }),
    max_concurrent_requests: key(positiveCount.default(100), {
      about: 'Most requests at the backends at once.',
      env: 'MAX_CONCURRENT_REQUESTS',
      as: 'number',
    }),
    topic_share: topicShare(
      'Share of max_concurrent_requests that is a topic’s own: of the rest it is lent half while others do not need it.',
    ),
    health_check_interval: key(seconds.default(30), {
      about: 'Seconds between health probes of a backend; 0: none.',
      env: 'HEALTH_CHECK_INTERVAL',
      as: 'number',
    }),
    health_path: key(z.string(PROBE_PATH).startsWith('/', PROBE_PATH).default('/health'), {
      about: 'Path of the health probe.',
      env: 'HEALTH_PATH',
    }),
    dead_letter_topic: key(topicName.optional(), {
      about: 'Topic for requests that failed for good; none when left out.',
      env: 'DEAD_LETTER_TOPIC',
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
    host: serviceKeys.host,
    shutdown_grace: serviceKeys.shutdown_grace,
    via: serviceKeys.via,
    log_level: serviceKeys.log_level,
  })
  // Zod leaves a check out once anything was refused; this one reads what there is, so that the
  // operator sees every mistake at once.
  .superRefine((config, context) => crossCheck(config, context), { when: () => true });
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
