import { createMasking, type Masking } from '@kafka-http-proxy/operate';
import type { Command } from 'commander';
import { repeated } from '../connection/options.js';

/** Which values of header fields are hidden. */
export interface MaskingFlags {
  readonly mask?: readonly string[];
  readonly showSecrets?: true;
}

/** Adds the options that say which values are hidden. */
export function withMasking(command: Command): Command {
  return command
    .option('--mask <glob>', 'hide the values of these header fields too; may be repeated', repeated)
    .option('--show-secrets', 'show the values of Authorization, Cookie and the like');
}

/** The masking that was asked for. */
export function maskingOf({ mask = [], showSecrets }: MaskingFlags): Masking {
  return createMasking({ mask, showSecrets: showSecrets === true });
}
