import type { KafkaInspector } from '@kafka-http-proxy/kafka';
import type { Masking } from '@kafka-http-proxy/operate';
import type { Printer } from '../output/printer.js';
import type { TailFlags, TailPlan } from './plan.js';
import type { Range } from './ranges.js';

/** What both kinds of `tail` work with. */
export interface TailWork {
  readonly inspector: KafkaInspector;
  readonly ranges: readonly Range[];
  readonly plan: TailPlan;
  readonly flags: TailFlags;
  readonly print: Printer;
  readonly masking: Masking;
  readonly signal: AbortSignal;
  /** Runs what prints nothing for a while, with its progress where somebody looks at it. */
  lookBack<T>(work: (onRead: (records: number) => void) => Promise<T>): Promise<T>;
}
