import { z } from 'zod';
import { marksTopic } from '../topics.js';
import { accessLogKeys, answerKeys } from './answers.js';
import { authKeys } from './door/auth.js';
import { checkDoor } from './door/checks.js';
import { cors } from './door/cors.js';
import { addressRanges } from './door/peers.js';
import { rateLimit } from './door/rate-limit.js';
import { proxyTls } from './door/tls.js';
import {
  compression,
  count,
  kafkaConfig,
  portNumber,
  positiveCount,
  serviceKeys,
  someSeconds,
  streamKeys,
  topicGlobs,
  topicName,
  topicShare,
} from './keys/common.js';
import { key } from './keys/key.js';
import { type RouteConfig, routeConfig } from './route.js';
import { tracingKeys } from './tracing.js';

const INSTANCE_ID = 'a name of 1 to 249 characters';
const BYTE_RATE = 'a number of bytes per second, 0 or more';
const HEAD_BYTES = 'a number of bytes, 1024 to 1048576';

/** Configuration of the proxy, with every default. Keys are 1.0.1's where it had them. */
export const proxyConfig = z
  .strictObject({
    kafka: kafkaConfig,
    port: key(portNumber.default(8080), { about: 'HTTP port; 0 takes a free one.', env: 'PROXY_PORT', as: 'number' }),
    host: serviceKeys.host,
    tls: proxyTls,
    trusted_proxies: key(addressRanges.optional(), {
      about:
        'Addresses and ranges (10.0.0.0/8) of the proxies in front. Only from there X-Forwarded-*, Forwarded, X-Real-IP and Client-Cert count; of others they are dropped. Left out: they go through, as in 1.0.1, and Client-Cert counts from nobody.',
      env: 'TRUSTED_PROXIES',
      live: true,
      as: 'list',
    }),
    client_topics: key(z.enum(['allow', 'trusted', 'deny'], 'allow, trusted or deny').optional(), {
      about:
        'Who may name topics. trusted: X-Kafka-* fields count from trusted_proxies only; deny: requests with X-Kafka-Topic or X-Kafka-Reply-Topic are refused. Left out: trusted where trusted_proxies is set, else allow.',
      env: 'CLIENT_TOPICS',
      live: true,
    }),
    auth: key(authKeys, { about: 'Who may call.', live: true }),
    rate_limit: key(rateLimit, {
      about: 'How many requests one may send, by each replica of the proxy. Left out: no limit.',
      env: 'RATE_LIMIT',
      live: true,
      as: 'json',
    }),
    cors: key(cors, {
      about: 'Which pages may read the proxy’s own problems; what backends say goes through untouched.',
      env: 'CORS',
      live: true,
      as: 'json',
    }),
    default_timeout: key(someSeconds.default(30), {
      about: 'Seconds to wait for a reply.',
      env: 'DEFAULT_TIMEOUT',
      live: true,
      as: 'number',
    }),
    max_timeout: key(someSeconds.default(300), {
      about: 'Most seconds that X-Kafka-Timeout can ask for.',
      env: 'MAX_TIMEOUT',
      live: true,
      as: 'number',
    }),
    warmup_topics: key(z.array(topicName, 'a list of topic names').default(['common-responses']), {
      about: 'Response topics to read from the start.',
      env: 'WARMUP_TOPICS',
      live: true,
      as: 'list',
    }),
    default_request_topic: key(topicName.optional(), {
      about:
        'Request topic where neither header nor route names one; none: such requests are 404. Left out: common-requests, or none where there are routes.',
      env: 'DEFAULT_REQUEST_TOPIC',
      live: true,
    }),
    default_response_topic: key(topicName.default('common-responses'), {
      about: 'Response topic where neither header nor route names one.',
      env: 'DEFAULT_RESPONSE_TOPIC',
      live: true,
    }),
    allowed_topics: key(topicGlobs.default(['*']), {
      about:
        'Globs of request topics that X-Kafka-Topic may name; configured ones are always allowed. * does not stand for topics that begin with _.',
      env: 'ALLOWED_TOPICS',
      live: true,
      as: 'list',
    }),
    allowed_response_topics: key(topicGlobs.default(['*']), {
      about:
        'Globs of response topics that X-Kafka-Reply-Topic may name; configured ones are always allowed. * does not stand for topics that begin with _.',
      env: 'ALLOWED_RESPONSE_TOPICS',
      live: true,
      as: 'list',
    }),
    dead_letter_topic: key(topicName.optional(), {
      about: 'Topic that the processors dead-letter to: requests to it are refused.',
      env: 'DEAD_LETTER_TOPIC',
      live: true,
    }),
    max_dynamic_topics: key(count.default(100), {
      about:
        'Most topics, beside the configured ones, that request headers have in use at once; the least recently used gives way.',
      env: 'MAX_DYNAMIC_TOPICS',
      live: true,
      as: 'number',
    }),
    routes: key(z.array(routeConfig, 'a list of routes').default([]), {
      about: 'Topics, timeout and key by path and method.',
      env: 'ROUTES',
      live: true,
      as: 'json',
    }),
    reply_partition: key(z.union([count, z.literal('all')], 'a partition number, or all').optional(), {
      about:
        'Partition of each response topic that this instance reads; all: every one, as 1.0.1 did. Left out: by instance_id.',
      env: 'REPLY_PARTITION',
      as: 'number',
    }),
    instance_id: key(z.string(INSTANCE_ID).min(1, INSTANCE_ID).max(249, INSTANCE_ID).optional(), {
      about: 'Name of this instance; a trailing -<number> is its ordinal. The host name when left out.',
      env: 'INSTANCE_ID',
    }),
    wire: key(z.enum(['v1', 'v2'], 'v1 or v2').default('v2'), {
      about: 'Wire version of requests; v1 for processors of 1.0.1.',
      env: 'WIRE',
    }),
    max_body_size: key(count.default(0), {
      about: 'Largest request body, bytes; 0: no limit.',
      env: 'MAX_BODY_SIZE',
      live: true,
      as: 'number',
    }),
    max_header_size: key(z.int(HEAD_BYTES).min(1024, HEAD_BYTES).max(1_048_576, HEAD_BYTES).default(65_536), {
      about: 'Largest request head, bytes.',
      env: 'MAX_HEADER_SIZE',
      as: 'number',
    }),
    headers_timeout: key(someSeconds.default(60), {
      about: 'Seconds that a request head may take to arrive; then 408.',
      env: 'HEADERS_TIMEOUT',
      live: true,
      as: 'number',
    }),
    body_timeout: key(someSeconds.default(300), {
      about: 'Seconds that a request body may take until it is whole, or long enough to be streamed; then 408.',
      env: 'BODY_TIMEOUT',
      live: true,
      as: 'number',
    }),
    min_body_rate: key(z.number(BYTE_RATE).min(0, BYTE_RATE).default(500), {
      about:
        'Bytes a second that a request body has to come at, after its first 20 s, while it is waited for; then 408. 0: no limit.',
      env: 'MIN_BODY_RATE',
      live: true,
      as: 'number',
    }),
    max_connections: key(count.default(10_000), {
      about:
        'Most client connections at once; a further one takes the place of one that rests, or is closed. 0: no limit.',
      env: 'MAX_CONNECTIONS',
      live: true,
      as: 'number',
    }),
    max_pending: key(positiveCount.default(10_000), {
      about: 'Most requests that wait for a reply at once; beyond it 503.',
      env: 'MAX_PENDING',
      live: true,
      as: 'number',
    }),
    topic_share: topicShare(
      'Share of max_pending that is a request topic’s own: what it holds beyond is given back when others need it.',
    ),
    load_shedding: key(z.boolean('true or false').default(true), {
      about: 'Refuse, with 503, what would wait in the queue for more than half of its timeout.',
      env: 'LOAD_SHEDDING',
      live: true,
      as: 'boolean',
    }),
    ...streamKeys,
    compression: key(compression.default('none'), {
      about: 'Compression of request bodies: none, lz4 or zstd; not of bodies that are encoded already.',
      env: 'COMPRESSION',
      live: true,
    }),
    ...answerKeys,
    ...accessLogKeys,
    tracing: tracingKeys,
    management_port: key(portNumber.default(0), {
      about: 'Port of /health, /ready, /metrics and /status; 0: on the main port, as in 1.0.1, and no /status.',
      env: 'MANAGEMENT_PORT',
      as: 'number',
    }),
    shutdown_grace: serviceKeys.shutdown_grace,
    via: serviceKeys.via,
    log_level: serviceKeys.log_level,
  })
  .superRefine(
    ({ wire, reply_partition: partition }, context) => {
      if (wire !== 'v1' || typeof partition !== 'number') return;
      const message = 'all, or nothing, with wire: v1: a processor of 1.0.1 knows no partitions';
      context.addIssue({ code: 'custom', path: ['reply_partition'], message });
    },
    { when: () => true },
  )
  .superRefine((config, context) => checkTopics(config, context), { when: () => true })
  .superRefine((config, context) => checkDoor(config, context));
/** The configuration of a proxy, as its code gets it. */
export type ProxyConfig = z.infer<typeof proxyConfig>;

/** What the tiers keep for themselves is no topic for requests or replies. The config may be half parsed. */
function checkTopics(config: unknown, context: z.core.$RefinementCtx): void {
  const known = (config ?? {}) as Partial<Record<string, unknown>>;
  const { control_topic: control, dead_letter_topic: deadLetters, routes, warmup_topics: warmup } = known;
  const check = (topic: unknown, path: (string | number)[]): void => {
    const refuse = (message: string): void => context.addIssue({ code: 'custom', path, message });
    if (typeof topic !== 'string') return;
    if (topic === control) refuse('a topic other than control_topic');
    if (topic === deadLetters) refuse('a topic other than dead_letter_topic');
    if (typeof deadLetters === 'string' && topic === marksTopic(deadLetters)) {
      refuse('a topic other than that of the marks of dead_letter_topic');
    }
  };
  check(known.default_request_topic, ['default_request_topic']);
  check(known.default_response_topic, ['default_response_topic']);
  if (Array.isArray(warmup)) for (const [i, topic] of warmup.entries()) check(topic, ['warmup_topics', i]);
  if (!Array.isArray(routes)) return;
  for (const [i, route] of routes.entries()) {
    const { request_topic: request, response_topic: response } = (route ?? {}) as Partial<RouteConfig>;
    check(request, ['routes', i, 'request_topic']);
    check(response, ['routes', i, 'response_topic']);
  }
}
