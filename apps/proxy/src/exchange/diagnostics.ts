import { channel } from 'node:diagnostics_channel';

/** A message of {@link repliedChannel}. */
export interface Replied {
  readonly correlationId: string;
  readonly topic: string;
  /** From the publication of the request to the arrival of the reply. */
  readonly elapsedMs: number;
}

/** Tells of each reply in this process, to whoever listens (node:diagnostics_channel); costs nothing otherwise. */
export const repliedChannel = channel('khp:proxy:replied');
