import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { packageVersion } from './package-version.js';

it('the version of a package is that of the package.json above the folder of its main module', () => {
  const dir = mkdtempSync(join(tmpdir(), 'khp-version-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  mkdirSync(join(dir, 'dist'));
  writeFileSync(join(dir, 'package.json'), '{"version":"1.2.3"}');
  expect(packageVersion(pathToFileURL(join(dir, 'dist/main.js')).href)).toBe('1.2.3');
});
