import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '@kafka-http-proxy/testkit';
import { run } from './run.js';

/**
 * Folder of a Python package and of what it needs, for PYTHONPATH; installed on first use and kept in the user's cache.
 *
 * @throws Error when Python or its venv is missing, or with what pip said
 */
export async function pythonLibrary(name: string, version: string): Promise<string> {
  // Its native parts are of one version of Python.
  const python = await run('python3', ['-c', 'import sys; print(sys.implementation.cache_tag)']);
  return await cached(`${name}-${version}-${python}`, async (draft) => {
    const library = join(draft, 'library');
    await mkdir(library);
    // Debian's Python comes without pip, but its venv brings one.
    await run('python3', ['-m', 'venv', join(draft, 'venv')]);
    const quiet = ['-q', '--disable-pip-version-check'];
    await run(join(draft, 'venv/bin/pip'), ['install', ...quiet, '--target', library, `${name}==${version}`]);
    return library;
  });
}
