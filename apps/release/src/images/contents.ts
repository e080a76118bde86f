// What an image adds over its base: how much, and nothing that does not belong there.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildah, REPOSITORY, run, WORK } from './machine.mjs';

const { devDependencies } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
const DEV = Object.keys(devDependencies).filter((name) => !name.startsWith('@kafka-http-proxy/'));

/** What may not be in the added files; each a name and a pattern of paths. */
const UNWANTED = [
  [
    'a compiler or its files',
    /^usr\/bin\/(g?cc|g\+\+|c\+\+|cpp|ld|make|python3?|perl5)[^/]*$|\.(h|hpp|cc?|cpp|gyp|gypi|a|o)$/,
  ],
  ['tests', /\.(test|spec)\.[cm]?js$|^app\/.*\/(__tests__|tests?|fixtures?)\/|testkit/],
  ['TypeScript', /\.[cm]?ts$|\.tsbuildinfo$/],
  ['source maps', /\.map$/],
  [
    'a dev dependency',
    new RegExp(`^app/.*/(${[...DEV, 'fast-check', '@types/[^/]+', 'node-gyp', '@mapbox/node-pre-gyp'].join('|')})/`),
  ],
  [
    'a package manager or its cache',
    /^(root|pnpm|home)\/.|\/(pnpm|turbo|yarn)(\/|$)|^var\/(cache\/apt|lib\/apt\/lists)\/.*[^/]$|\.cache\//,
  ],
  ['a lockfile or pnpm’s bookkeeping', /pnpm-lock\.yaml$|\.modules\.yaml$|\.pnpm\/lock\.yaml$/],
  [
    'settings or secrets of the build',
    /(^|\/)(\.npmrc|\.env|\.git)(\/|$)|^(app|etc\/ssl\/private)\/.*\.(pem|key)$|^run\/secrets\/./,
  ],
  ['a program that runs as its owner (setuid)', /^!setuid /],
];

/** Bytes of the layers over the base, and the files in them. */
export async function addedBy({ image, layers }, baseLayers) {
  const folder = join(WORK, 'tmp/layers');
  rmSync(folder, { recursive: true, force: true });
  await buildah('push', '-q', '--disable-compression', image, `dir:${folder}`);
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  if (manifest.layers.length !== layers) throw new Error('an image with an unexpected number of layers');
  const added = manifest.layers.slice(baseLayers);
  const listings = await Promise.all(
    added.map(({ digest }) => run('tar', ['tvf', join(folder, digest.replace('sha256:', ''))])),
  );
  rmSync(folder, { recursive: true });
  // Mode, owner, size, date, time, path; a link's target behind it.
  const entries = listings
    .join('\n')
    .split('\n')
    .map((line) => /^(\S+)\s+\S+\s+\d+ \S+ \S+ (.+?)(?: -> .+| link to .+)?$/.exec(line))
    .filter(Boolean);
  const files = entries
    .filter(([, mode]) => !mode.startsWith('d'))
    .flatMap(([, mode, path]) => (mode[3] === 's' || mode[6] === 's' ? [path, `!setuid ${path}`] : [path]));
  return { bytes: added.reduce((sum, { size }) => sum + size, 0), files };
}

/** A line for each kind of file that should not be there; undefined when there is none. */
export function unwanted(files) {
  const found = UNWANTED.flatMap(([what, pattern]) => {
    const hits = files.filter((path) => pattern.test(path));
    return hits.length === 0 ? [] : [`${what}: ${hits.slice(0, 5).join(', ')}${hits.length > 5 ? ' …' : ''}`];
  });
  return found.length === 0 ? undefined : found.join('\n');
}

/** A complaint when the image holds an app of ours that it is not for. */
export function foreignApps(files, ownApps) {
  const apps = ['proxy', 'processor', 'cli', 'testkit', 'bench'].filter((app) => !ownApps.includes(app));
  const hits = files.filter((path) => apps.some((app) => path.includes(`@kafka-http-proxy/${app}/`)));
  return hits.length === 0 ? undefined : hits.slice(0, 5).join(', ');
}

/** A complaint about the image's configuration. */
export function misconfigured({ config }, { version, base, image }) {
  const labels = config.Labels ?? {};
  const label = (name) => labels[`org.opencontainers.image.${name}`];
  const wanted = {
    user: [config.User, '10001:10001'],
    health: [config.Healthcheck?.Test?.[0], 'CMD'],
    init: [config.Entrypoint?.[0], 'tini'],
    title: [`${label('title')}:${version}`, image],
    version: [label('version'), version],
    licenses: [label('licenses'), 'MIT'],
    base: [label('base.name'), base],
    created: [Number.isNaN(Date.parse(label('created'))), false],
  };
  const wrong = Object.entries(wanted).filter(([, [found, expected]]) => found !== expected);
  return (
    wrong.map(([what, [found, expected]]) => `${what} is ${found}, ${expected} was expected`).join('; ') || undefined
  );
}
