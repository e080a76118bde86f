import { z } from 'zod';
import { isFieldValue, isToken } from '../header-list.js';
import { circuitBreaker } from './circuit-breaker.js';
import { compression, positiveCount, seconds, someSeconds, topicGlobs, topicName } from './keys/common.js';
import { key } from './keys/key.js';

const BACKEND_URL = 'an http:// or https:// URL without credentials, query or fragment';
const backendUrl = z.string(BACKEND_URL).refine((text) => {
  const url = URL.parse?.(text) ?? parseUrl(text);
  const plain = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === '';
  return plain && /^https?:$/.test(url.protocol);
}, BACKEND_URL);

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

const GROUP = 'a consumer group of 1 to 249 characters';
const STATUS = 'a status of 400 to 599';
const RATE = 'a number of requests per second, above 0';
/** What a health probe's path has to be, for the mistake in it. */
export const PROBE_PATH = 'a path that starts with /';
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
          ca: key(fileName.optional(), { about: 'File with the authorities to trust, PEM.', file: true }),
          cert: key(fileName.optional(), { about: 'File with the client certificate, PEM.', file: true }),
          key: key(fileName.optional(), { about: 'File with the key of the client certificate, PEM.', file: true }),
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
/** One topic, with every default. */
export type TopicConfig = z.infer<typeof topicConfig>;
