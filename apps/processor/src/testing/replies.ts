import { DeadLetterError, decodeInbox, type ReplyEnvelope } from '@kafka-http-proxy/protocol';
import { expect } from 'vitest';
import type { MemoryProducer } from './memory-producer.js';

/** The only reply that was written. */
export function reply(producer: MemoryProducer, to = 'responses'): ReplyEnvelope {
  const records = producer.to(to);
  expect(records).toHaveLength(1);
  const read = decodeInbox(records[0] as NonNullable<(typeof records)[0]>);
  if (!read.ok || read.value.kind !== 'reply') throw new Error('no reply');
  return read.value.reply;
}

/** Why the record is in the dead-letter topic. */
export function deadLetterError(producer: MemoryProducer): DeadLetterError {
  const headers = producer.to('dead')[0]?.headers.at(-1) as Record<string, string>;
  return DeadLetterError.parse(JSON.parse(headers['khp-error'] as string));
}

/** Correlation id, status and error of each reply, in the order in which they were written. */
export function replies(producer: MemoryProducer): [string, number, string | null][] {
  return producer.to('responses').map((one) => {
    const read = decodeInbox(one);
    if (!read.ok || read.value.kind !== 'reply') throw new Error('no reply');
    const { correlationId, status, error } = read.value.reply;
    return [correlationId, status as number, error];
  });
}

/** Code and attempts of each dead letter. */
export function letters(producer: MemoryProducer): { code: string; attempts: number }[] {
  return producer.to('dead').map(({ headers }) => {
    const { code, attempts } = DeadLetterError.parse(JSON.parse(String(headers.at(-1)?.['khp-error'])));
    return { code, attempts };
  });
}
