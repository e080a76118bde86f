import { expect, it } from 'vitest';
import { packageVersion } from './package-version.js';

it('the version of a module is that of the package.json beside its src or dist', () => {
  // As if it were called by a main.ts right in src.
  expect(packageVersion(new URL('../main.ts', import.meta.url).href)).toMatch(/^\d+\.\d+\.\d+$/);
});
