import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { repositoryPath } from '../services/service-process.js';
import { brokenLinks, exists } from './links.js';
import { repositoryFiles } from './repository.js';

describe('the links of Markdown files', () => {
  it('lead to files and headings that exist', () => {
    const pages = repositoryFiles('*.md').filter((path) => exists(repositoryPath(path)));
    expect(pages).toContain('README.md');
    const files = {
      read: (path: string) => readFileSync(repositoryPath(path), 'utf8'),
      has: (path: string) => exists(repositoryPath(path)),
    };
    expect(brokenLinks(pages, files)).toEqual([]);
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
