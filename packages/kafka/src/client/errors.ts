import { KafkaClientFault, KafkaSendError, type SendFailure } from '../port/failures.js';
import type { KafkaClientError } from '../port/settings.js';
import { librdkafka, type RdError } from './librdkafka.js';

/*
 * librdkafka's errors, in its own words. Calls fail with a code; events come with the text alone
 * (code -1), so their code is found by the text.
 * https://github.com/confluentinc/librdkafka/blob/master/src/rdkafka.h (rd_kafka_resp_err_t)
 */

/** The codes that the code here decides by. */
export const CODE = {
  destroy: -197,
  transport: -195,
  timedOutMessage: -192,
  unknownPartition: -190,
  unknownTopic: -188,
  allBrokersDown: -187,
  invalidArgument: -186,
  timedOut: -185,
  queueFull: -184,
  assignPartitions: -175,
  revokePartitions: -174,
  state: -172,
  unsupported: -165,
  noEntry: -156,
  fatal: -150,
  unknown: -1,
  unknownTopicOrPartition: 3,
  tooLarge: 10,
  topicNotAuthorized: 29,
  groupNotAuthorized: 30,
  clusterNotAuthorized: 31,
  topicExists: 36,
  /** What a broker says of a record without a key in a compacted topic. */
  invalidRecord: 87,
  unsupportedVersion: 35,
} as const;

/** Kafka's number of a denied topic, for those who make a {@link KafkaClientFault} of a denial that they know already. */
export const TOPIC_AUTHORIZATION_FAILED = CODE.topicNotAuthorized;

/** Texts of the errors that come as events and matter here, lower case as the wrapper has them. */
const EVENT_CODES: ReadonlyMap<string, number> = new Map([
  ['broker transport failure', CODE.transport],
  ['all broker connections are down', CODE.allBrokersDown],
  ['host resolution failure', -193],
  ['authentication failure', -169],
  ['ssl error', -181],
  ['timed out', CODE.timedOut],
  ['fatal error', CODE.fatal],
  ['maximum application poll interval (max.poll.interval.ms) exceeded', -147],
  ['unknown partition', CODE.unknownPartition],
  ['unknown topic', CODE.unknownTopic],
  ['unknown topic or partition', CODE.unknownTopicOrPartition],
  ['topic authorization failed', CODE.topicNotAuthorized],
  ['group authorization failed', CODE.groupNotAuthorized],
  ['cluster authorization failed', CODE.clusterNotAuthorized],
]);

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(librdkafka.CODES.ERRORS).map(([name, code]) => [code, name.replace(/^ERR_/, '')]),
);

/** librdkafka's name of a code, without the prefix: `_ALL_BROKERS_DOWN`, `UNKNOWN_TOPIC_OR_PART`. */
export function errorName(code: number): string {
  return NAMES.get(code) ?? `CODE_${code}`;
}

/** The code of an error; one that came as an event is known by its text. */
export function errorCode(error: RdError): number {
  // What a callback of ours threw has no code at all.
  const known = typeof error.code === 'number' && error.code !== CODE.unknown;
  return known ? error.code : (EVENT_CODES.get(error.message.toLowerCase()) ?? CODE.unknown);
}

/** What {@link KafkaEvents.error} gets. */
export function clientError(error: RdError): KafkaClientError {
  const code = errorCode(error);
  return { code, name: errorName(code), message: error.message, fatal: code === CODE.fatal };
}

/** A failed call as a {@link KafkaClientFault} that says what was being done. */
export function fault(doing: string, error: unknown): KafkaClientFault {
  if (error instanceof KafkaClientFault) return error;
  const { code, message } = error as Partial<RdError>;
  const number = typeof code === 'number' ? code : CODE.unknown;
  const name = number === CODE.unknown ? '' : ` (${errorName(number)})`;
  return new KafkaClientFault(`${doing}: ${message ?? String(error)}${name}`, number, { cause: error });
}

const FAILURES: ReadonlyMap<number, SendFailure> = new Map<number, SendFailure>([
  [CODE.queueFull, 'queue_full'],
  [CODE.tooLarge, 'too_large'],
  [18, 'too_large'], // RECORD_LIST_TOO_LARGE
  [CODE.unknownTopic, 'unknown_topic'],
  [CODE.unknownPartition, 'unknown_topic'],
  [CODE.unknownTopicOrPartition, 'unknown_topic'],
  [17, 'unknown_topic'], // TOPIC_EXCEPTION: an illegal name
  [CODE.topicNotAuthorized, 'not_authorized'],
  [CODE.clusterNotAuthorized, 'not_authorized'],
  [CODE.invalidRecord, 'no_key'],
  [CODE.timedOutMessage, 'timed_out'],
  [CODE.timedOut, 'timed_out'],
  [7, 'timed_out'], // REQUEST_TIMED_OUT
]);

/** Why a record was not written, or a topic could not be used, from librdkafka's code. */
export function failureOf(code: number): SendFailure {
  return FAILURES.get(code) ?? 'unavailable';
}

/** The error that a failed record is settled with. */
export function sendError(error: unknown, topic: string): KafkaSendError {
  const { code, message } = error as Partial<RdError>;
  const number = typeof code === 'number' ? code : CODE.unknown;
  return new KafkaSendError(failureOf(number), `${topic}: ${message ?? String(error)}`, number);
}
