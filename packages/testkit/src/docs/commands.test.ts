import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { repositoryPath } from '../services/service-process.js';
import { readPage } from './page.js';
import { repositoryFiles } from './repository.js';

/** What pnpm itself has, as far as pages show it. */
const OF_PNPM = ['install', 'exec', 'outdated'];

it('every command of the workspace that a page shows exists', () => {
  const { scripts } = JSON.parse(readFileSync(repositoryPath('package.json'), 'utf8')) as { scripts: object };
  const known = new Set([...Object.keys(scripts), ...OF_PNPM]);
  const unknown = repositoryFiles('*.md').flatMap((path) => {
    const page = readPage(repositoryPath(path));
    const code = [...page.codeSpans, ...page.sections.flatMap((section) => section.code.map(({ text }) => text))];
    const words = code.flatMap((text) =>
      [...text.matchAll(/npx -y pnpm@10 (?:run )?([a-z][\w:]*)/g)].map(([, word = '']) => word),
    );
    return words.filter((word) => !known.has(word)).map((word) => `${path}: ${word}`);
  });
  expect(unknown).toEqual([]);
});
