import { type ContinuationEnvelope, NO_SEQUENCE, type Sequence } from '@kafka-http-proxy/protocol';

/** A continuation record of an exchange: the fields that are not named are not set. */
export function partOf(
  correlationId: string,
  sequence: Partial<Sequence>,
  content: Partial<Pick<ContinuationEnvelope, 'error' | 'body' | 'trailers'>> = {},
): ContinuationEnvelope {
  return {
    correlationId,
    sequence: { ...NO_SEQUENCE, ...sequence },
    error: null,
    body: null,
    trailers: null,
    ...content,
  };
}
