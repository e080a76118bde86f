import { stringify } from 'yaml';
import type { PlainMap } from '../config/plain.js';

/** The effective configuration as text that could be a configuration file again. */
export function printConfig(config: PlainMap, format: 'yaml' | 'json'): string {
  return format === 'json'
    ? `${JSON.stringify(config, undefined, 2)}\n`
    : stringify(config, { aliasDuplicateObjects: false });
}
