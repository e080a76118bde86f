// What the driver needs of the machine: programs from Debian, a folder to keep its work in, buildah.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { doing } from './report.mjs';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
/** Images and caches; a second run takes them from here. */
export const WORK = process.env.KHP_IMAGES_DIR ?? join(homedir(), '.cache/kafka-http-proxy-images');

const PROGRAMS = { buildah: 'buildah', debootstrap: 'debootstrap', runc: 'runc', nginx: 'nginx-light', tar: 'tar' };

export async function prepareMachine() {
  if (process.getuid?.() !== 0) throw new Error('root is needed, to mount and to run containers');
  mkdirSync(join(WORK, 'tmp'), { recursive: true });
  const missing = Object.keys(PROGRAMS).filter((name) => spawnSync('which', [name]).status !== 0);
  if (missing.length === 0) return;
  doing(`installing ${missing.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env });
  const packages = missing.map((name) => PROGRAMS[name]);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
}

/** Resolves with the standard output; rejects with the end of both when the exit code is not 0. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let stdout = '';
    let both = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      both += chunk;
    });
    child.stderr.on('data', (chunk) => {
      both += chunk;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout.trim());
      else reject(new Error(`${command} ${args[0]} ended with ${code ?? signal}:\n${both.slice(-3000)}`));
    });
  });
}

let driver;

/** No daemon and no registry: chroot isolation builds where namespaces are refused, too. */
export function buildah(...args) {
  driver ??= overlayWorks() ? 'overlay' : 'vfs';
  const env = { ...process.env, STORAGE_DRIVER: driver, BUILDAH_ISOLATION: 'chroot', TMPDIR: join(WORK, 'tmp') };
  const folders = ['--root', join(WORK, `store-${driver}`), '--runroot', join(WORK, 'run')];
  return run('buildah', [...folders, ...args], { env, cwd: REPOSITORY });
}

/** vfs works everywhere, but copies the whole file system for each step. */
function overlayWorks() {
  const trial = join(WORK, 'trial');
  for (const name of ['lower', 'upper', 'work', 'merged']) mkdirSync(join(trial, name), { recursive: true });
  const options = `lowerdir=${trial}/lower,upperdir=${trial}/upper,workdir=${trial}/work`;
  const { status } = spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', options, join(trial, 'merged')]);
  if (status === 0) spawnSync('umount', [join(trial, 'merged')]);
  rmSync(trial, { recursive: true, force: true });
  return status === 0;
}

export async function imageExists(name) {
  return buildah('inspect', '--type', 'image', '--format', '{{.FromImageID}}', name).catch(() => undefined);
}

/** The host's certificates, where it has some of its own: given to builds as a secret. */
export function certificates() {
  return ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'].find(existsSync);
}
