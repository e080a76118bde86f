import { mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../machine/paths.js';
import { run } from '../machine/run.js';

/** Images and caches. They stay, so that a second run takes them from here. */
export const WORK: string = process.env.KHP_IMAGES_DIR ?? join(homedir(), '.cache/kafka-http-proxy-images');

let driver: Promise<string> | undefined;

/**
 * Runs buildah: no daemon and no registry of images. Its chroot isolation builds also where namespaces are refused.
 *
 * @throws Error with what it said
 */
export async function buildah(...args: readonly string[]): Promise<string> {
  driver ??= overlayWorks().then((works) => (works ? 'overlay' : 'vfs'));
  const storage = await driver;
  const env = { ...process.env, STORAGE_DRIVER: storage, BUILDAH_ISOLATION: 'chroot', TMPDIR: join(WORK, 'tmp') };
  const folders = ['--root', join(WORK, `store-${storage}`), '--runroot', join(WORK, 'run')];
  return await run('buildah', [...folders, ...args], { env, cwd: ROOT });
}

/** vfs works everywhere, but copies the whole file system for each step. */
async function overlayWorks(): Promise<boolean> {
  const trial = join(WORK, 'trial');
  for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(trial, name), { recursive: true });
  const options = `lowerdir=${trial}/lower,upperdir=${trial}/upper,workdir=${trial}/work`;
  const merged = join(trial, 'merged');
  const works = await run('mount', ['-t', 'overlay', 'overlay', '-o', options, merged]).then(
    () => run('umount', [merged]).then(() => true),
    () => false,
  );
  rmSync(trial, { recursive: true, force: true });
  return works;
}

/** Id of an image; undefined where there is none of this name. */
export async function imageId(name: string): Promise<string | undefined> {
  return await buildah('inspect', '--type', 'image', '--format', '{{.FromImageID}}', name).catch(() => undefined);
}
