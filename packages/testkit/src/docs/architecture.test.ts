import { readFileSync } from 'node:fs';
import { ERROR_CODES, isErrorCode } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { repositoryPath } from '../services/service-process.js';
import { exists } from './links.js';
import { readPage } from './page.js';
import { repositoryFiles } from './repository.js';

describe('docs/architecture.md', () => {
  const page = readPage(repositoryPath('docs/architecture.md'));

  it('has a line for each folder of the sources, and none for a folder that does not exist', () => {
    const named = page.sections
      .filter(({ title }) => /^(apps|packages)\//.test(title))
      .flatMap(({ title, rows }) => rows.map(([folder = '']) => `${title} ${folder.replaceAll('`', '')}`));
    const folders = sourceFolders();
    expect({
      notNamed: folders.filter((folder) => !named.includes(folder)),
      notThere: named.filter((folder) => !folders.includes(folder)),
    }).toEqual({ notNamed: [], notThere: [] });
  });

  it('shows where each code leaves the path', () => {
    const exits = page.sections.find(({ anchor }) => anchor === 'the-path-and-its-exits');
    const [picture] = exits?.code ?? [];
    const words: readonly string[] = picture?.text.match(/\w+/g) ?? [];
    expect(ERROR_CODES.filter((code) => !words.includes(code))).toEqual([]);
    expect(words.filter((word) => word.includes('_') && !isErrorCode(word))).toEqual([]);
  });

  it('draws an arrow for each dependency between packages, and no other', () => {
    const graph =
      page.sections.find(({ anchor }) => anchor === 'packages-and-who-may-import-whom')?.code[0]?.text ?? '';
    const drawn = [...graph.matchAll(/(\w+) --> (.+)/g)].flatMap(([, from, to = '']) =>
      to.split(' & ').map((one) => `${from} --> ${one}`),
    );
    expect(new Set(drawn)).toEqual(new Set(arrows()));
  });
});

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** `proxy --> kafka` for each package of ours that a package needs when it runs, by the names of their folders. */
function arrows(): string[] {
  const manifests = repositoryFiles('apps/*/package.json', 'packages/*/package.json').map((path) => ({
    folder: path.split('/')[1],
    ...(JSON.parse(readFileSync(repositoryPath(path), 'utf8')) as Manifest),
  }));
  const folderOf = new Map(manifests.map(({ name, folder }) => [name, folder]));
  return manifests.flatMap(({ folder, dependencies = {} }) =>
    Object.keys(dependencies).flatMap((name) => (folderOf.has(name) ? [`${folder} --> ${folderOf.get(name)}`] : [])),
  );
}

/** `apps/proxy http/` for each folder right below a `src`, and `apps/proxy ./` where files lie in `src` itself. */
function sourceFolders(): string[] {
  const files = repositoryFiles('apps/*/src/*.ts', 'packages/*/src/*.ts')
    // A list of names is no room.
    .filter((path) => !path.endsWith('/src/index.ts') && exists(repositoryPath(path)));
  const folders = files.map((path) => {
    const [kind, name, , ...rest] = path.split('/');
    return `${kind}/${name} ${rest.length > 1 ? `${rest[0]}/` : './'}`;
  });
  return [...new Set(folders)];
}
