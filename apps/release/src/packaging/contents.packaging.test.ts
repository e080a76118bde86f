import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { ROOT } from '../machine/paths.js';
import { run } from '../machine/run.js';
import { publishedPackages, readManifest } from './packages.js';

const { dir } = inject('installation');
const { version, license, engines } = readManifest(ROOT);
const packages = publishedPackages().map(({ folder, manifest }) => [manifest.name, folder] as const);

it('the published packages are those of both tiers, the cli, and what they depend on', () => {
  const names = [
    '@kafka-http-proxy/kafka',
    '@kafka-http-proxy/operate',
    '@kafka-http-proxy/processor',
    '@kafka-http-proxy/protocol',
    '@kafka-http-proxy/proxy',
    '@kafka-http-proxy/service',
    '@kafka-http-proxy/streams',
    '@kafka-http-proxy/tracing',
    'kafka-http-proxy',
  ];
  expect(new Set(packages.map(([name]) => name))).toEqual(new Set(names));
});

describe.each(packages)('the packed package %s', (name, folder) => {
  const installed = join(dir, 'node_modules', name);
  const manifest = readManifest(installed);

  it('says what it is, and where it comes from', () => {
    expect(manifest).toMatchObject({ name, version, license, engines });
    expect(manifest.description).not.toBe('');
    expect(manifest.keywords).toContain('kafka');
    expect(manifest.repository).toMatchObject({ type: 'git', directory: folder });
    expect(manifest.publishConfig).toMatchObject({ access: 'public', provenance: true });
  });

  it('asks for others at exact versions', () => {
    const wanted = Object.entries(manifest.dependencies ?? {});
    expect(wanted.filter(([, range]) => !/^\d+\.\d+\.\d+$/.test(range))).toEqual([]);
  });

  it('has each file that it names', () => {
    const named = [
      ...Object.values(manifest.exports ?? {}).flatMap(Object.values),
      ...Object.values(manifest.bin ?? {}),
    ];
    expect(named).not.toEqual([]);
    expect([...named, 'README.md', 'LICENSE'].filter((file) => !existsSync(join(installed, file)))).toEqual([]);
  });

  it('holds its build and nothing else', async () => {
    const tarball = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
    const files = (await run('tar', ['tzf', join(dir, 'tarballs', tarball)])).split('\n');
    const expected = /^package\/(package\.json|README\.md|LICENSE|bin\/[\w-]+\.js|dist\/.*\.(js|d\.ts))$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
    expect(files.filter((file) => /\.(test|test-kit)\.|\/testing\//.test(file))).toEqual([]);
  });
});
