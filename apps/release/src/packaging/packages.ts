import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../machine/paths.js';
import { run } from '../machine/run.js';

/** What a package says of itself, as far as it is read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
  readonly repository?: { readonly type: string; readonly url: string; readonly directory: string };
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
}

/** A package of this repository. */
export interface Package {
  /** From the root of the repository. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** All packages that are published: those that are not private. */
export function publishedPackages(): Package[] {
  return ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`))
    .map((folder) => ({ folder, manifest: readManifest(join(ROOT, folder)) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** Reads package.json of a folder. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Packs packages as they are published. @returns the paths of the tarballs */
export async function pack(packages: readonly Package[], destination: string): Promise<string[]> {
  const names = packages.map(({ manifest }) => `--filter=${manifest.name}`);
  await run('npx', ['-y', 'pnpm@10', '-r', ...names, 'pack', '--pack-destination', destination]);
  return readdirSync(destination).map((file) => join(destination, file));
}
