import { channel } from 'node:diagnostics_channel';
import { shownId } from '@kafka-http-proxy/protocol';

/** A message of {@link repliedChannel}. */
export interface Replied {
  readonly correlationId: string;
  readonly topic: string;
  /** From the publication of the request to the arrival of the reply. */
  readonly elapsedMs: number;
}

/** Reports each reply in this process to whoever listens (node:diagnostics_channel); costs nothing otherwise. */
export const repliedChannel = channel('khp:proxy:replied');

/** Reports a reply on {@link repliedChannel}. */
export function announceReply(correlationId: string, topic: string, elapsedMs: number): void {
  if (!repliedChannel.hasSubscribers) return;
  repliedChannel.publish({ correlationId: shownId(correlationId), topic, elapsedMs } satisfies Replied);
}
