import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '@kafka-http-proxy/testkit';
import { SOURCES } from '../machine/paths.js';
import { run } from '../machine/run.js';

/** Go has Grafana's types with a reader that refuses unknown keys; TypeScript's can't tell. */
const MODULE = 'github.com/grafana/grafana-foundation-sdk/go';
const VERSION = 'v0.0.22';

/**
 * What Grafana's schema has against files of dashboards. Its checker is built on first use.
 *
 * @param paths of the files
 * @throws Error when Go is missing, or with what it said
 */
export async function schemaMistakes(paths: readonly string[]): Promise<string[]> {
  const told = await run(await checker(), paths);
  return told === '' ? [] : told.split('\n');
}

async function checker(): Promise<string> {
  const source = join(SOURCES, 'dashboards/check.go');
  const content = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 8);
  return await cached(`grafana-schema-${VERSION}-${content}`, async (draft) => {
    await writeFile(join(draft, 'go.mod'), 'module check\n\ngo 1.21\n');
    await copyFile(source, join(draft, 'check.go'));
    await run('go', ['get', `${MODULE}@${VERSION}`], { cwd: draft });
    await run('go', ['build', '-o', 'check', '.'], { cwd: draft });
    return join(draft, 'check');
  });
}
