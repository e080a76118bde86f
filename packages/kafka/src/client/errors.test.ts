import { expect, it } from 'vitest';
import { KafkaClientFault } from '../port/failures.js';
import { CODE, clientError, errorCode, errorName, failureOf, fault, sendError } from './errors.js';
import { librdkafka } from './librdkafka.js';

it('names errors in the words of librdkafka', () => {
  expect(errorName(-187)).toBe('_ALL_BROKERS_DOWN');
  expect(errorName(3)).toBe('UNKNOWN_TOPIC_OR_PART');
  expect(errorName(12345)).toBe('CODE_12345');
});

it('has the codes that this librdkafka has', () => {
  const { ERRORS } = librdkafka.CODES;
  expect(CODE.allBrokersDown).toBe(ERRORS.ERR__ALL_BROKERS_DOWN);
  expect(CODE.queueFull).toBe(ERRORS.ERR__QUEUE_FULL);
  expect(CODE.fatal).toBe(ERRORS.ERR__FATAL);
  expect(CODE.timedOutMessage).toBe(ERRORS.ERR__MSG_TIMED_OUT);
  expect(CODE.unknownTopic).toBe(ERRORS.ERR__UNKNOWN_TOPIC);
  expect(CODE.unknownPartition).toBe(ERRORS.ERR__UNKNOWN_PARTITION);
  expect(CODE.tooLarge).toBe(ERRORS.ERR_MSG_SIZE_TOO_LARGE);
  expect(CODE.invalidRecord).toBe(ERRORS.ERR_INVALID_RECORD);
  expect(CODE.topicExists).toBe(ERRORS.ERR_TOPIC_ALREADY_EXISTS);
  expect(CODE.unsupported).toBe(ERRORS.ERR__UNSUPPORTED_FEATURE);
  expect(CODE.assignPartitions).toBe(ERRORS.ERR__ASSIGN_PARTITIONS);
  expect(CODE.revokePartitions).toBe(ERRORS.ERR__REVOKE_PARTITIONS);
  expect(CODE.state).toBe(ERRORS.ERR__STATE);
  expect(CODE.transport).toBe(ERRORS.ERR__TRANSPORT);
});

it('knows an error that came as an event by its text', () => {
  expect(errorCode({ code: -1, message: 'all broker connections are down' })).toBe(CODE.allBrokersDown);
  expect(clientError({ code: -1, message: 'fatal error' })).toEqual({
    code: CODE.fatal,
    name: '_FATAL',
    message: 'fatal error',
    fatal: true,
  });
  expect(errorCode({ code: -1, message: 'something new' })).toBe(-1);
});

it.each([
  [-184, 'queue_full'],
  [10, 'too_large'],
  [-188, 'unknown_topic'],
  [-190, 'unknown_topic'],
  [3, 'unknown_topic'],
  [29, 'not_authorized'],
  [-192, 'timed_out'],
  [-195, 'unavailable'],
  [-150, 'unavailable'],
] as const)('takes code %i of a record for %s', (code, failure) => {
  expect(failureOf(code)).toBe(failure);
});

it('keeps the code and the topic of a record that failed', () => {
  const error = sendError({ code: 10, message: 'Broker: Message size too large' }, 'orders');
  expect(error).toMatchObject({ failure: 'too_large', code: 10, message: 'orders: Broker: Message size too large' });
});

it('says what was being done, and wraps a fault only once', () => {
  const error = fault('metadata of a', { code: -185, message: 'Local: Timed out' });
  expect(error).toBeInstanceOf(KafkaClientFault);
  expect(error.message).toBe('metadata of a: Local: Timed out (_TIMED_OUT)');
  expect(fault('more', error)).toBe(error);
});
