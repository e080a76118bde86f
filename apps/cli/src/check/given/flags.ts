import type { ConnectionFlags } from '../../connection/options.js';
import type { OutputFlags } from '../../output/options.js';

/** How findings are printed. */
export type CheckFormat = 'text' | 'json' | 'nagios';

/** How `check` was called. */
export interface CheckFlags extends ConnectionFlags, OutputFlags {
  readonly format: CheckFormat;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  /** How many proxies read the response topics. */
  readonly proxies?: number;
  readonly probe?: true;
  /** A duration. */
  readonly certWarn: string;
  /** Limits of the lag: records, or a duration. */
  readonly lagWarn?: string;
  readonly lagFail?: string;
  /** URLs of management servers. */
  readonly proxy?: readonly string[];
  readonly processor?: readonly string[];
  readonly commandConfig?: string;
}
