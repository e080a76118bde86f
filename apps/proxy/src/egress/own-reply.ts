import type { ReplyEnvelope } from '@kafka-http-proxy/protocol';

/** A reply that this proxy makes itself, and no record brought: it has nothing but what HTTP sees of it. */
export function ownReply(
  correlationId: string,
  { status, headers, body }: Pick<ReplyEnvelope, 'status' | 'headers' | 'body'>,
): ReplyEnvelope {
  return {
    version: 2,
    correlationId,
    status,
    reason: null,
    headers,
    error: null,
    tookMs: null,
    body,
    trailers: null,
    sequence: null,
  };
}
