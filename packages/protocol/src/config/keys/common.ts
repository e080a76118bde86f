import { z } from 'zod';
import { isLegalTopic } from '../../topics.js';
import { isViaName } from '../../via.js';
import { key } from './key.js';
import { defaultMemoryBudget } from './memory.js';

const TOPIC = 'a topic name of 1 to 249 characters out of a-z A-Z 0-9 . _ -';

/** A topic name. */
export const topicName = z.string(TOPIC).refine(isLegalTopic, TOPIC);

/** setTimeout's limit (2^31 - 1 ms) in seconds: longer waits would end at once. */
const MAX_SECONDS = 2_147_483;

const TOO_LONG = `a time in seconds, at most ${MAX_SECONDS}`;
const SECONDS = 'a time in seconds, 0 or more';
const SOME_SECONDS = 'a time in seconds, above 0';

/** A time in seconds, fractions allowed. */
export const seconds = z.number(SECONDS).min(0, SECONDS).max(MAX_SECONDS, TOO_LONG);

/** A time in seconds that is not zero. */
export const someSeconds = z.number(SOME_SECONDS).positive(SOME_SECONDS).max(MAX_SECONDS, TOO_LONG);

/** A port; 0 is a free one, or none. */
export const portNumber = z
  .int('a port of 0 to 65535')
  .min(0, 'a port of 0 to 65535')
  .max(65_535, 'a port of 0 to 65535');

/** How many, none included. */
export const count = z.int('a whole number, 0 or more').min(0, 'a whole number, 0 or more');
/** How many, at least one. */
export const positiveCount = z.int('a whole number, 1 or more').min(1, 'a whole number, 1 or more');

/** Any librdkafka property; a secret can be read from a file by giving `{file: path}` instead of the value. */
const librdkafkaValue = z.union([z.string(), z.number(), z.boolean()], 'a text, a number, true, false or {file: path}');

const BROKERS = 'host:port, or several of them separated by commas';
const brokers = z.string(BROKERS).min(1, BROKERS);

/** -1 leaves the choice to the broker. */
const brokersChoice = (most: number): z.ZodInt => {
  const expected = `a whole number of 1 to ${most}, or -1 for the broker’s default`;
  return z
    .int(expected)
    .min(-1, expected)
    .max(most, expected)
    .refine((value) => value !== 0, expected);
};

const RECORD_BYTES = 'a number of bytes, 1024 to 100000000';

/** `kafka:` of both tiers. */
export const kafkaConfig = z
  .strictObject({
    bootstrap_servers: key(brokers.default('kafka:9092'), {
      about: 'Brokers to start from, host:port separated by commas.',
      env: 'KAFKA_BOOTSTRAP_SERVERS',
    }),
    properties: key(z.record(z.string(), librdkafkaValue).default({}), {
      about:
        'Any librdkafka property (TLS, SASL, tuning), passed on to each client. Also KAFKA_PROPERTY_<NAME>, dots as underscores.',
      env: 'KAFKA_PROPERTIES',
      live: true,
      as: 'json',
      secret: true,
    }),
    create_topics: key(z.boolean('true or false').default(true), {
      about: 'Create the configured topics that are missing at start.',
      env: 'KAFKA_CREATE_TOPICS',
      live: true,
      as: 'boolean',
    }),
    topic_partitions: key(brokersChoice(100_000).default(-1), {
      about: 'Partitions of topics created here; -1: the broker’s default.',
      env: 'KAFKA_TOPIC_PARTITIONS',
      live: true,
      as: 'number',
    }),
    replication_factor: key(brokersChoice(32_767).default(-1), {
      about: 'Replicas of topics created here; -1: the broker’s default.',
      env: 'KAFKA_REPLICATION_FACTOR',
      live: true,
      as: 'number',
    }),
    max_record_bytes: key(
      z.int(RECORD_BYTES).min(1024, RECORD_BYTES).max(100_000_000, RECORD_BYTES).default(1_000_000),
      {
        about: 'Largest record to produce, bytes of body and headers; keep it below the brokers’ message.max.bytes.',
        env: 'KAFKA_MAX_RECORD_BYTES',
        as: 'number',
      },
    ),
  })
  .prefault({});

const VIA = 'a name of 1 to 64 characters that HTTP takes in a token, or off';

/** Keys that both tiers have under the same name. */
export const serviceKeys = {
  shutdown_grace: key(seconds.default(30), {
    about: 'Seconds that a stop may take to finish what was accepted.',
    env: 'SHUTDOWN_GRACE',
    live: true,
    as: 'number',
  }),
  log_level: key(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'), {
    about: 'Lowest level that is logged.',
    env: 'LOG_LEVEL',
    live: true,
  }),
  via: key(z.string(VIA).refine(isViaName, VIA).optional(), {
    about:
      'Name in Via, by which a request that comes back is known; the same for instances of one installation only. Left out: one of each process. off: no Via.',
    env: 'VIA',
  }),
  host: key(z.string('an address to listen on').min(1, 'an address to listen on').default('0.0.0.0'), {
    about: 'Address to listen on.',
    env: 'HOST',
  }),
};

/** A list of topic globs. */
export const topicGlobs = z.array(
  z.string('a topic name or glob').min(1, 'a topic name or glob'),
  'a list of topic names or globs',
);

const SHARE = 'a share above 0, 1 at most';

/** What one topic may hold of what all share. */
export const topicShare = (about: string): z.ZodDefault<z.ZodNumber> =>
  key(z.number(SHARE).gt(0, SHARE).max(1, SHARE).default(0.5), { about, env: 'TOPIC_SHARE', live: true, as: 'number' });

/** Looked up once: where a limit changes while the process runs, a configuration that is read again is the same still. */
const OWN_BUDGET = defaultMemoryBudget();

const WINDOW = 'a number of bytes, 65536 to 1073741824';
const PART = 'a number of bytes, 1024 to 100000000';
const BUDGET = 'a number of bytes, 1048576 or more';
const FLUSH = 'a time in milliseconds, 0 to 10000';

/** Keys of both tiers about bodies that take more than one record, and replies that stream. */
export const streamKeys = {
  control_topic: key(topicName.default('khp-control'), {
    about: 'Topic that the processors read their side of streams from; the same for both tiers.',
    env: 'CONTROL_TOPIC',
  }),
  record_bytes: key(z.int(PART).min(1024, PART).max(100_000_000, PART).default(262_144), {
    about: 'Most bytes of body in one record of a stream; kafka.max_record_bytes bounds it too.',
    env: 'RECORD_BYTES',
    as: 'number',
  }),
  stream_window: key(z.int(WINDOW).min(65_536, WINDOW).max(1_073_741_824, WINDOW).default(4_194_304), {
    about: 'How far the sender of a stream may be ahead of its receiver, bytes; less when many are open.',
    env: 'STREAM_WINDOW',
    as: 'number',
  }),
  stream_flush_ms: key(z.number(FLUSH).min(0, FLUSH).max(10_000, FLUSH).default(5), {
    about: 'Longest that bytes of a stream wait for more to share their record, ms.',
    env: 'STREAM_FLUSH_MS',
    as: 'number',
  }),
  stream_idle_timeout: key(someSeconds.default(30), {
    about: 'Seconds after which a stream ends whose other side gives no sign of life, or whose client takes nothing.',
    env: 'STREAM_IDLE_TIMEOUT',
    as: 'number',
  }),
  max_streams: key(count.default(1000), {
    about: 'Most streams at once; beyond it 503. 0: no streams, bodies of one record only.',
    env: 'MAX_STREAMS',
    as: 'number',
  }),
  memory_budget: key(z.int(BUDGET).min(1_048_576, BUDGET).default(OWN_BUDGET), {
    about:
      'Bytes that the process may hold for strangers: half for whole bodies, heads and records, half for the windows of streams. Left out: a quarter of the container’s memory limit, at most 256 MiB.',
    env: 'MEMORY_BUDGET',
    as: 'number',
  }),
};

/** Compression of records; bodies that are encoded already are left alone. */
export const compression = z.enum(['none', 'lz4', 'zstd'], 'none, lz4 or zstd');
