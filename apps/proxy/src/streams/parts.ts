import type { ContinuationEnvelope, Sequence } from '@kafka-http-proxy/protocol';

/** A sequence's fields when none is set. */
export const NO_FIELDS: Sequence = { seq: null, end: false, exec: null, inbox: null, credit: null, cancel: false };

/** A continuation record of an exchange: the fields that are not named are not set. */
export function partOf(
  correlationId: string,
  sequence: Partial<Sequence>,
  content: Partial<Pick<ContinuationEnvelope, 'error' | 'body' | 'trailers'>> = {},
): ContinuationEnvelope {
  return {
    correlationId,
    sequence: { ...NO_FIELDS, ...sequence },
    error: null,
    body: null,
    trailers: null,
    ...content,
  };
}
