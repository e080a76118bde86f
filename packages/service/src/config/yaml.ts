import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The YAML library, loaded when it is first asked for: who is configured by variables alone starts without it. */
export function yaml(): typeof import('yaml') {
  return require('yaml');
}
