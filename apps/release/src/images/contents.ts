// What an image adds over its base: how much, and nothing that does not belong there.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../machine/paths.js';
import { run } from '../machine/run.js';
import { buildah, WORK } from './buildah.js';
import type { OpenImage } from './container.js';

const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  devDependencies: Record<string, string>;
};
const DEV = [
  ...Object.keys(devDependencies).filter((name) => !name.startsWith('@kafka-http-proxy/')),
  'fast-check',
  '@types/[^/]+',
  'node-gyp',
  '@mapbox/node-pre-gyp',
].join('|');

/** What may not be in the added files, and the paths that are such. */
const UNWANTED: readonly (readonly [what: string, paths: RegExp])[] = [
  [
    'a compiler or its files',
    /^usr\/bin\/(g?cc|g\+\+|c\+\+|cpp|ld|make|python3?|perl5)[^/]*$|\.(h|hpp|cc?|cpp|gyp|gypi|a|o)$/,
  ],
  ['tests', /\.(test|spec)\.[cm]?js$|^app\/.*\/(__tests__|tests?|testing|fixtures?)\/|testkit/],
  ['TypeScript', /\.[cm]?ts$|\.tsbuildinfo$/],
  ['source maps', /\.map$/],
  ['a dev dependency', new RegExp(`^app/.*/(${DEV})/`)],
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

const SHOWN = 5;
/** Where each app of ours would be. The cli is the package kafka-http-proxy. */
const APPS: Readonly<Record<string, string>> = {
  proxy: '@kafka-http-proxy/proxy/',
  processor: '@kafka-http-proxy/processor/',
  cli: 'node_modules/kafka-http-proxy/',
  testkit: '@kafka-http-proxy/testkit/',
  bench: '@kafka-http-proxy/bench/',
  release: '@kafka-http-proxy/release/',
};

/** What an image adds over its base. */
export interface Added {
  readonly bytes: number;
  /** Paths; one that runs as its owner is there once more, after `!setuid`. */
  readonly files: readonly string[];
}

/** Reads the layers over the base. @param baseLayers how many layers the base has */
export async function addedBy({ name, layers }: OpenImage, baseLayers: number): Promise<Added> {
  const folder = join(WORK, 'tmp/layers');
  rmSync(folder, { recursive: true, force: true });
  await buildah('push', '-q', '--disable-compression', name, `dir:${folder}`);
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
    layers: { digest: string; size: number }[];
  };
  if (manifest.layers.length !== layers) throw new Error('an image with an unexpected number of layers');
  const added = manifest.layers.slice(baseLayers);
  const listings = added.map(({ digest }) => run('tar', ['tvf', join(folder, digest.replace('sha256:', ''))]));
  const files = (await Promise.all(listings)).flatMap((listing) => listing.split('\n')).flatMap(pathsOf);
  rmSync(folder, { recursive: true });
  return { bytes: added.reduce((sum, { size }) => sum + size, 0), files };
}

/** Of a line of tar: mode, owner, size, date, time, path; a link's target behind it. */
function pathsOf(line: string): string[] {
  const [, mode = 'd', path = ''] = /^(\S+)\s+\S+\s+\d+ \S+ \S+ (.+?)(?: -> .+| link to .+)?$/.exec(line) ?? [];
  if (mode.startsWith('d')) return [];
  return mode[3] === 's' || mode[6] === 's' ? [path, `!setuid ${path}`] : [path];
}

/** A line for each kind of file that should not be there. */
export function unwanted(files: readonly string[]): string[] {
  return UNWANTED.flatMap(([what, pattern]) => {
    const hits = files.filter((path) => pattern.test(path));
    return hits.length === 0 ? [] : [`${what}: ${hits.slice(0, SHOWN).join(', ')}${hits.length > SHOWN ? ' …' : ''}`];
  });
}

/** Files of apps of ours that the image is not for. */
export function foreignApps(files: readonly string[], ownApps: readonly string[]): string[] {
  const folders = Object.entries(APPS).flatMap(([app, folder]) => (ownApps.includes(app) ? [] : [folder]));
  return files.filter((path) => folders.some((folder) => path.includes(folder))).slice(0, SHOWN);
}
