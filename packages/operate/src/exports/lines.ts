import type { RecordHeaders } from '@kafka-http-proxy/protocol';
import { isLegalTopic } from '@kafka-http-proxy/protocol';
import { z } from 'zod';
import type { StoredRecord } from '../stored-record.js';
import { safeJson } from '../text/printable.js';
import { isoTime, msOfIsoTime } from '../times/iso-time.js';

const bytes = z.base64();
const count = z.int().min(0);

/**
 * A record as a line of JSON: nothing of it is lost. Key, value and the values of headers are base64, since they may be
 * any bytes; names of headers are text in Kafka.
 */
export const RecordLine = z.object({
  v: z.literal(1),
  topic: z.string().refine(isLegalTopic, 'a legal topic name'),
  partition: count,
  offset: count,
  /** UTC to the ms, ISO 8601; a number of ms where it is no date. */
  time: z.string().refine((text) => !Number.isNaN(msOfIsoTime(text)), 'a time such as 2026-02-14T10:00:00.000Z'),
  key: bytes.nullable(),
  value: bytes.nullable(),
  headers: z.array(z.tuple([z.string(), bytes.nullable()])),
});
/** @see {@link RecordLine} */
export type RecordLine = z.infer<typeof RecordLine>;

/** The line of a record, without a line feed. {@link recordOfLine} is its inverse. */
export function lineOfRecord(record: StoredRecord): string {
  const { topic, partition, offset, timestampMs, key, value, headers } = record;
  const line: RecordLine = {
    v: 1,
    topic,
    partition,
    offset,
    time: isoTime(timestampMs),
    key: key?.toString('base64') ?? null,
    value: value?.toString('base64') ?? null,
    headers: headers.flatMap((header) =>
      Object.entries(header).map(([name, content]): RecordLine['headers'][number] => [name, encoded(content)]),
    ),
  };
  // Names of headers are strangers' text, and the line may go to a terminal.
  return safeJson(line);
}

/** Reads such a line; a sentence where it is none. */
export function recordOfLine(text: string): StoredRecord | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'a line of JSON was expected';
  }
  const parsed = RecordLine.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${issue?.path.join('.') || 'the line'}: ${issue?.message ?? 'it is not one of an export'}`;
  }
  const { topic, partition, offset, time, key, value, headers } = parsed.data;
  return {
    topic,
    partition,
    offset,
    timestampMs: msOfIsoTime(time),
    key: decoded(key),
    value: decoded(value),
    // Kafka's headers may have no value at all, whatever the type says.
    headers: headers.map(([name, content]) => ({ [name]: decoded(content) })) as unknown as RecordHeaders,
  };
}

function encoded(content: string | Buffer | null | undefined): string | null {
  if (content === null || content === undefined) return null;
  return Buffer.from(content as Buffer).toString('base64');
}

function decoded(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'base64');
}
