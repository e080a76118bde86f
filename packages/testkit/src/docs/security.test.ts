import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proxyConfig } from '@kafka-http-proxy/protocol';
import { loadConfig } from '@kafka-http-proxy/service';
import { describe, expect, it, onTestFinished } from 'vitest';
import { repositoryPath } from '../services/service-process.js';
import { CATALOGUE } from '../strangers/stage/catalogue.js';
import { readPage } from './page.js';
import { repositoryFiles } from './repository.js';

describe('docs/security.md', () => {
  const page = readPage(repositoryPath('docs/security.md'));

  it('shows configurations that are taken', () => {
    const folder = mkdtempSync(join(tmpdir(), 'khp-security-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const shown = page.sections.flatMap(({ code }) => code).filter(({ language }) => language === 'yaml check=proxy');
    expect(shown.length).toBeGreaterThan(2);
    for (const { text } of shown) {
      const file = join(folder, 'proxy.yaml');
      writeFileSync(file, text);
      expect(() => loadConfig({ schema: proxyConfig, file, environment: {} })).not.toThrow();
    }
  });

  it('names tests that there are', () => {
    const suites = repositoryFiles('packages/testkit/src/suite/*').map((path) => path.split('/').at(-1) ?? '');
    const lost = page.codeSpans.filter((span) => {
      const [, suite] = /^suite\/([\w-]+)$/.exec(span) ?? [];
      const [, check] = /^strangers (\w.*)$/.exec(span) ?? [];
      if (check !== undefined) return !Object.hasOwn(CATALOGUE, check);
      return suite !== undefined && !suites.some((name) => name.startsWith(suite));
    });
    expect(lost).toEqual([]);
  });
});
