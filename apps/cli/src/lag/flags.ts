import type { ConnectionFlags } from '../connection/options.js';
import type { OutputFlags } from '../output/options.js';

/** How `lag` was called. */
export interface LagFlags extends ConnectionFlags, OutputFlags {
  readonly group?: readonly string[];
  /** Seconds between two looks; true: the default. */
  readonly watch?: number | true;
  readonly failAbove?: string;
}
