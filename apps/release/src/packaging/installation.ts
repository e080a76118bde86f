import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../machine/paths.js';
import { run } from '../machine/run.js';
import { pack, publishedPackages } from './packages.js';

const CLIENT = 'node_modules/@confluentinc/kafka-javascript';

/** A folder with nothing in it but what npm has installed of the tarballs; plain data, for other processes. */
export interface Installation {
  readonly dir: string;
}

/**
 * Packs all published packages and installs them by npm in an empty folder.
 *
 * The Kafka client's native part comes from this repository: its install script would compile for minutes where its
 * prebuilt binary can't be downloaded.
 */
export async function install(): Promise<Installation> {
  const dir = mkdtempSync(join(tmpdir(), 'khp-installed-'));
  try {
    const tarballs = join(dir, 'tarballs');
    mkdirSync(tarballs);
    const packed = await pack(publishedPackages(), tarballs);
    writeFileSync(join(dir, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts', '--prefer-offline'];
    await run('npm', ['install', ...quiet, ...packed], { cwd: dir });
    const compiled = join(realpathSync(join(ROOT, 'packages/kafka', CLIENT)), 'build');
    for (const [part, loaded] of [
      ['Release', /\.node$/],
      ['deps', /\.so\.1$/],
    ] as const) {
      mkdirSync(join(dir, CLIENT, 'build', part), { recursive: true });
      for (const file of readdirSync(join(compiled, part)).filter((name) => loaded.test(name)))
        copyFileSync(join(compiled, part, file), join(dir, CLIENT, 'build', part, file));
    }
    return { dir };
  } catch (error) {
    remove({ dir });
    throw error;
  }
}

/** Removes the folder. */
export function remove({ dir }: Installation): void {
  rmSync(dir, { recursive: true, force: true });
}
