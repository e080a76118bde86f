import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { repositoryPath } from '../services/service-process.js';
import { readPage } from './page.js';
import { repositoryFiles } from './repository.js';

/** The kinds of https://keepachangelog.com, in its order. */
const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

describe('CHANGELOG.md', () => {
  const titles = readPage(repositoryPath('CHANGELOG.md')).sections.map(({ title }) => title);

  it('begins with what is not released, and has the version of every package', () => {
    const manifests = repositoryFiles('package.json', 'apps/*/package.json', 'packages/*/package.json');
    const versions = new Set(manifests.map((path) => versionOf(path)));
    expect(titles[2]).toBe('Unreleased');
    expect([...versions].filter((version) => !titles.some((title) => title.startsWith(`${version} - `)))).toEqual([]);
  });

  it('sorts changes by the kinds that people look for', () => {
    const kinds = titles.filter((title) => !/^(Changelog|Unreleased|[0-9]+[.].*)$/.test(title) && title !== '');
    expect(kinds.filter((kind) => !KINDS.includes(kind))).toEqual([]);
  });
});

function versionOf(manifest: string): string {
  return (JSON.parse(readFileSync(repositoryPath(manifest), 'utf8')) as { version: string }).version;
}
