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
    const words = picture?.text.match(/\w+/g) ?? [];
    expect(ERROR_CODES.filter((code) => !words.includes(code))).toEqual([]);
    expect(words.filter((word) => word.includes('_') && !isErrorCode(word))).toEqual([]);
  });

  it('draws an arrow for each dependency between packages, and no other', () => {
    const graph =
      page.sections.find(({ anchor }) => anchor === 'packages-and-who-may-import-whom')?.code[0]?.text ?? '';
    const drawn = [...graph.matchAll(/(\w+) --> (.+)/g)].flatMap(([, from, to = '']) =>
      to.split(' & ').map((one) => `${from} --> ${one}`),
    );
    expect(new Set(drawn)).toEqual(
      new Set(repositoryFiles('apps/*/package.json', 'packages/*/package.json').flatMap(arrows)),
    );
  });
});

/** `proxy --> kafka` for each package of ours that a package needs when it runs. */
function arrows(manifest: string): string[] {
  const { name, dependencies = {} } = JSON.parse(readFileSync(repositoryPath(manifest), 'utf8')) as {
    readonly name: string;
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  const short = (full: string) => full.split('/').at(-1);
  const ours = Object.entries(dependencies).filter(([, version]) => version.startsWith('workspace:'));
  return ours.map(([full]) => `${short(name)} --> ${short(full)}`);
}

/** `apps/proxy http/` for each folder right below a `src`, and `apps/proxy ./` where files lie in `src` itself. */
function sourceFolders(): string[] {
  const files = repositoryFiles('apps/*/src/*.ts', 'packages/*/src/*.ts').filter((path) =>
    exists(repositoryPath(path)),
  );
  const folders = files.map((path) => {
    const [kind, name, , ...rest] = path.split('/');
    return `${kind}/${name} ${rest.length > 1 ? `${rest[0]}/` : './'}`;
  });
  return [...new Set(folders)];
}
