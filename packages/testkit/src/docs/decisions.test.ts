import { describe, expect, it } from 'vitest';
import { repositoryPath } from '../services/service-process.js';
import { readPage } from './page.js';
import { repositoryFiles } from './repository.js';

describe('docs/decisions', () => {
  const names = repositoryFiles('docs/decisions/[0-9]*.md').map((path) => path.split('/').at(-1) ?? '');

  it('lists each decision, in the order of their numbers, by its own title', () => {
    const { text } = readPage(repositoryPath('docs/decisions/README.md')).sections[1] ?? { text: '' };
    const listed = [...text.matchAll(/^- \[(\d{4})\]\(([^)]+)\) (.+)$/gm)].map(([, number, name, title]) => [
      name,
      `${number} ${title}`,
    ]);
    const titles = names.map((name) => [name, readPage(repositoryPath(`docs/decisions/${name}`)).sections[1]?.title]);
    const plain = listed.map(([name, title]) => [name, title?.replaceAll('`', '')]);
    expect(plain).toEqual(titles);
  });

  it('gives each number once', () => {
    expect(new Set(names.map((name) => name.slice(0, 4))).size).toBe(names.length);
  });

  it.each(names)('%s tells the situation, what was chosen, why, and what follows', (name) => {
    const titles = readPage(repositoryPath(`docs/decisions/${name}`)).sections.map(({ title }) => title);
    expect(titles).toContain('Context');
    expect(titles.some((title) => title.startsWith('Decision'))).toBe(true);
    expect(titles).toContain('Consequences');
  });
});
