import type { ReplyAddress } from '@kafka-http-proxy/protocol';

/** Whom to answer, and in which version of the wire format. */
export interface Asker {
  readonly version: 1 | 2;
  readonly correlationId: string;
  readonly address: ReplyAddress;
  /** Names the conversation where the request came in parts; the reply says it too, though it is whole. */
  readonly exec?: string;
  /** True where it wants to know where the time went. */
  readonly timing?: boolean | undefined;
}
