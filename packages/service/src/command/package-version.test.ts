import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { packageVersion } from './package-version.js';

it('is read one folder above the module that asks, not above its own file', () => {
  const asking = new URL('../main.ts', import.meta.url);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(packageVersion(asking.href)).toBe(version);
});
