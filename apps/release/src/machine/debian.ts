import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from './run.js';

const LOCK_SECONDS = 300;

/**
 * Installs Debian packages whose programs are missing; needs root only then.
 *
 * @param packages the Debian package of each program
 * @throws Error with what apt said
 */
export async function ensurePrograms(packages: Readonly<Record<string, string>>): Promise<void> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(packages)) if (!(await isInstalled(program))) missing.push(name);
  if (missing.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Another run of these checks may install at the same time.
  const patient = ['-qq', '-o', `DPkg::Lock::Timeout=${LOCK_SECONDS}`];
  await run('apt-get', ['update', ...patient], { env });
  await run('apt-get', ['install', '-y', '--no-install-recommends', ...patient, ...missing], { env });
}

async function isInstalled(program: string): Promise<boolean> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const found = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
