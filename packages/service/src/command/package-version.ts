import { readFileSync } from 'node:fs';

/**
 * The version in the package.json one folder above a module.
 *
 * @param moduleUrl `import.meta.url` of a file in `dist` or `src`
 */
export function packageVersion(moduleUrl: string): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', moduleUrl), 'utf8')) as { version: string };
  return manifest.version;
}
