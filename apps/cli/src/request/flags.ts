import type { ConnectionFlags } from '../connection/options.js';
import type { OutputFlags } from '../output/options.js';
import type { MessageFlags } from './message/make-message.js';

/** The options of `request`, as they were typed. */
export interface RequestFlags extends ConnectionFlags, OutputFlags, MessageFlags {
  readonly topic?: string;
  readonly replyTopic?: string;
  /** Seconds. */
  readonly maxTime?: number;
  readonly include?: true;
  readonly verbose?: true;
  /** A file, or `-`: standard output, whatever it is. */
  readonly output?: string;
  readonly fail?: true;
  readonly count?: number;
  readonly concurrency: number;
}
