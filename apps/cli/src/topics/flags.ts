import type { ConnectionFlags } from '../connection/options.js';
import type { OutputFlags } from '../output/options.js';

/** How `topics list` was called. */
export interface ListFlags extends ConnectionFlags, OutputFlags {
  readonly all?: true;
}

/** How `topics plan` was called. */
export interface PlanFlags extends ConnectionFlags, OutputFlags {
  readonly partitions?: number;
  readonly replicationFactor?: number;
  readonly commandConfig?: string;
}

/** How `topics create` was called. */
export interface CreateFlags extends PlanFlags {
  readonly dryRun?: true;
  readonly yes?: true;
}
