import type { Connection } from '../connection/connection.js';
import type { Host } from '../operator/host.js';
import type { Printer } from '../output/printer.js';
import type { ReplayFlags } from './options.js';

/** What is true for all of one run. */
export interface ReplayRun {
  readonly connection: Connection;
  readonly host: Host;
  readonly print: Printer;
  readonly flags: ReplayFlags;
  /** Names of single letters; none: all that match. */
  readonly names: readonly string[];
}
