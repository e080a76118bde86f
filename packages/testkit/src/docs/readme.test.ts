import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { loadConfig } from '@kafka-http-proxy/service';
import { describe, expect, it, onTestFinished } from 'vitest';
import { repositoryPath } from '../services/service-process.js';
import { readPage } from './page.js';

describe('README.md', () => {
  const page = readPage(repositoryPath('README.md'));
  const code = page.sections.flatMap((section) => section.code);

  it('is read in a few minutes: 1,200 words at most', () => {
    const text = page.sections.map((section) => `${section.title} ${section.text}`).join(' ');
    expect(text.split(/\s+/).length).toBeLessThanOrEqual(1200);
  });

  it('begins with two commands that need nothing but Node', () => {
    const commands = code.filter(({ language }) => language === '').map(({ text }) => text);
    expect(commands.slice(0, 2)).toEqual(['npx -y pnpm@10 start', 'npx -y pnpm@10 test']);
  });

  it('shows configurations that are taken', () => {
    const folder = mkdtempSync(join(tmpdir(), 'khp-readme-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const files = code
      .filter(({ language }) => language === 'yaml')
      .map(({ text }, i) => {
        const file = join(folder, `${i}.yaml`);
        writeFileSync(file, text);
        return file;
      });
    const [proxy, processor] = files;
    expect(files).toHaveLength(2);
    expect(loadConfig({ schema: proxyConfig, file: proxy, environment: {} }).routes).toHaveLength(1);
    expect(loadConfig({ schema: processorConfig, file: processor, environment: {} }).topics).toHaveLength(1);
  });
});
