import { type DeadLetterError, encodeRequest, type RequestEnvelope } from '@kafka-http-proxy/protocol';
import type { Mark } from '../letters/mark.js';
import { DEAD_LETTER_HEADER, type Letter, readLetter } from '../records/letter.js';
import type { StoredRecord } from '../stored-record.js';

/** A request that may not be repeated. */
export const REQUEST: RequestEnvelope = {
  version: 2,
  correlationId: 'wBa9fPOA-abcdefghijkl.0123456789abcdef',
  method: 'POST',
  target: '/orders/7?x=1',
  headers: ['Host', 'shop', 'X-Tag', 'caf\xe9'],
  client: '10.0.0.7',
  deadlineMs: 1_790_000_030_000,
  reply: { topic: 'orders-responses', partition: 3 },
  trace: null,
  body: Buffer.from('{}'),
  trailers: null,
  more: false,
};

/** A backend that refused the connection. */
export const ERROR: DeadLetterError = {
  code: 'backend_unreachable',
  message: 'The backend refused the connection.',
  topic: 'orders-requests',
  partition: 0,
  offset: 3,
  timestamp: 1_790_000_000_000,
  attempts: 1,
  group: 'processors',
  sent: 'no',
  status: 502,
};

/** A record of a dead-letter topic. */
export function letterRecord(
  request: Partial<RequestEnvelope> = {},
  error: Partial<DeadLetterError> | null = {},
  more: Partial<StoredRecord> = {},
): StoredRecord {
  const { value, headers } = encodeRequest({ ...REQUEST, ...request });
  const why = error === null ? [] : [{ [DEAD_LETTER_HEADER]: JSON.stringify({ ...ERROR, ...error }) }];
  return {
    topic: 'failed-requests',
    partition: 0,
    offset: 41,
    timestampMs: 1_790_000_001_000,
    key: null,
    value,
    headers: [...headers, ...why],
    ...more,
  };
}

/** {@link letterRecord} as it is read. */
export function letter(request: Partial<RequestEnvelope> = {}, error: Partial<DeadLetterError> | null = {}): Letter {
  return readLetter(letterRecord(request, error));
}

/** A mark of a run. */
export function mark(fields: Partial<Mark>): Mark {
  return { v: 1, state: 'answered', n: 1, run: 'r1', by: 'alice@ops-1', at: 1_790_000_100_000, ...fields };
}
