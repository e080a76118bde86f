import { z } from 'zod';
import { isPlainId } from '../basics/plain-id.js';
import { isPrincipal, PRINCIPAL } from '../basics/principal.js';
import { isPlainTraceparent } from '../basics/traceparent.js';
import { ERROR_CODES } from '../errors.js';
import { isFieldValue, isToken } from '../header-list.js';
import { isLegalTopic } from '../topics.js';

/*
 * The wire format as Zod schemas: for tools, tests and other implementations. The codecs use checks
 * of their own for speed; `v2.test.ts` holds the two together.
 */

const token = z.string().refine(isToken, 'an HTTP token');
const topic = z.string().refine(isLegalTopic, 'a legal topic name');
const id = z.string().refine(isPlainId, '1 to 128 visible ASCII characters');
const count = z
  .int()
  .min(0)
  .refine((value) => !Object.is(value, -0));
const partition = count.max(0x7fffffff);
const headerList = z
  .array(z.string())
  .refine((list) => list.length % 2 === 0, 'names and values in turn')
  .refine(
    (list) => list.every((text, i) => (i % 2 === 0 ? isToken(text) : isFieldValue(text))),
    'HTTP names and values',
  );

/** Fields that make a record part of a sequence, or steer one. */
const sequenceFields = {
  seq: count.optional(),
  end: z.literal(true).optional(),
  exec: id.optional(),
  inbox: z.tuple([topic, partition]).optional(),
  credit: count.optional(),
  cancel: z.literal(true).optional(),
};

/** `khp` of a record in a request topic. */
export const RequestMetadataV2 = z.object({
  v: z.literal(2),
  method: token,
  target: z.string().regex(/^(?:\/[\x21-\x7e\x80-\xff]*|\*)$/),
  headers: headerList,
  client: z.string().optional(),
  /** Whom the proxy recognised: `<sub>@<iss>` of a token, `<name>@api_key`, `<distinguished name>@mtls`. */
  principal: z.string().refine(isPrincipal, PRINCIPAL).optional(),
  deadline: z.number().positive().optional(),
  reply: z.tuple([topic, partition.nullable()]).optional(),
  trailers: headerList.optional(),
  more: z.literal(true).optional(),
  control: topic.optional(),
  /** Nobody waits for the reply, and none is written. A processor of 2.0.0 writes one all the same. */
  noreply: z.literal(true).optional(),
  /** The reply is to say `queue` and `backend`. */
  timing: z.literal(true).optional(),
  /** Context of a request that no client sent one with, and that is not recorded; else the record has a header `traceparent`. */
  trace: z.string().refine(isPlainTraceparent).optional(),
});

/** `khp` of the head of a reply. */
export const ReplyMetadataV2 = z.object({
  v: z.literal(2),
  status: z.int().min(200).max(999),
  reason: z.string().refine(isFieldValue).optional(),
  headers: headerList,
  error: z.enum(ERROR_CODES).optional(),
  took: count.optional(),
  /** Where the request said `timing`: ms from its record to taking it up, and in attempts at the backend. */
  queue: count.optional(),
  backend: count.optional(),
  trailers: headerList.optional(),
  ...sequenceFields,
});

/** `khp` of a later record of a sequence. */
export const ContinuationMetadataV2 = z.object({
  v: z.literal(2),
  error: z.enum(ERROR_CODES).optional(),
  trailers: headerList.optional(),
  ...sequenceFields,
});

/** The JSON that 1.0.1's proxy writes. */
export const RequestV1 = z.object({
  correlation_id: id,
  method: token.default('GET'),
  path: z.string().default('/'),
  query_params: z.record(z.string(), z.unknown()).default({}),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown(),
  client_ip: z.string().nullish(),
  timestamp: z.unknown(),
});

/** The JSON that 1.0.1's processor writes. */
export const ReplyV1 = z.object({
  correlation_id: id,
  status_code: z.int().min(200).max(999),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown(),
  timestamp: z.unknown(),
});

/** `khp-error` of a dead-letter record. */
export const DeadLetterError = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  topic,
  partition,
  offset: count,
  timestamp: z.number(),
  attempts: count,
  group: z.string(),
  /** The record holds only the beginning of the request's body; the rest went in a sequence. */
  truncated: z.literal(true).optional(),
  /** Whether the backend may have seen the request, in any delivery of it. Left out: not said (2.0.0). */
  sent: z.enum(['no', 'maybe', 'yes']).optional(),
  /** HTTP status of the error reply that was written; left out where none was. */
  status: z.int().min(200).max(999).optional(),
  /** The trace id of the request's `traceparent`, where that is valid. */
  trace: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  /** Whom the proxy recognised in the client, where it asked. */
  principal: z.string().refine(isPrincipal, PRINCIPAL).optional(),
});
/** What the header `khp-error` of a dead letter holds. */
export type DeadLetterError = z.infer<typeof DeadLetterError>;
