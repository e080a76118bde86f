import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { repositoryPath } from '../services/service-process.js';
import { brokenLinks, exists, lostPaths } from './links.js';
import { repositoryFiles } from './repository.js';

describe('Markdown files', () => {
  const all = repositoryFiles().filter((path) => exists(repositoryPath(path)));
  const pages = all.filter((path) => path.endsWith('.md'));
  const files = {
    read: (path: string) => readFileSync(repositoryPath(path), 'utf8'),
    has: (path: string) => exists(repositoryPath(path)),
  };

  it('link to files and headings that exist', () => {
    expect(pages).toContain('README.md');
    expect(brokenLinks(pages, files)).toEqual([]);
  });

  it('name paths that exist', () => {
    // What was so at a release stays written.
    const current = pages.filter((path) => path !== 'CHANGELOG.md');
    expect(lostPaths(current, all, files)).toEqual([]);
  });
});

describe('brokenLinks', () => {
  const broken = (texts: Record<string, string>) =>
    brokenLinks(Object.keys(texts), { read: (path) => texts[path] ?? null, has: (path) => path in texts });

  it('finds files that do not exist, from the folder of the page', () => {
    const texts = { 'docs/a.md': '[b](b.md) [c](../c.md) [d](d.md)', 'docs/b.md': '', 'c.md': '' };
    expect(broken(texts)).toEqual(['docs/a.md: d.md: no such file']);
  });

  it('finds headings that a page does not have', () => {
    const texts = {
      'a.md': '[b](b.md#one-code) [b](b.md#one) [b](b.md#one-1) [a](#here) <a href="b.md#by-hand">',
      'b.md': '# One `code`\n\n## One\n\n## One\n\n<a id="by-hand"></a>\n',
    };
    expect(broken(texts)).toEqual(['a.md: #here: no such heading']);
  });

  it('takes pages of this repository on the web for its files, and follows no other site', () => {
    const own = 'https://github.com/kafka-http-proxy/kafka-http-proxy/blob/main';
    const texts = {
      'docs/a.md': `[b](${own}/b.md) [c](${own}/c.md) <https://example.org/d.md> ![](mailto:e@f)`,
      'b.md': '',
    };
    expect(broken(texts)).toEqual([`docs/a.md: ${own}/c.md: no such file`]);
  });

  it('finds links that leave the repository, and leaves code alone', () => {
    expect(broken({ 'a.md': '[x](../x) `[y](y.md)`\n\n    [z](z.md)\n' })).toEqual([
      'a.md: ../x: is outside the repository',
    ]);
  });
});

describe('lostPaths', () => {
  it('finds paths set as code that no file has, with or without extension', () => {
    const texts = { 'a.md': '`apps/a/src` `apps/a/src/b` `apps/a/src/b.ts` `apps/a/src/c` `docs/*.md` `npm/c`' };
    const files = { read: () => texts['a.md'], has: () => true };
    expect(lostPaths(['a.md'], ['apps/a/src/b.ts'], files)).toEqual(['a.md: apps/a/src/c: no such file']);
  });
});
