import { describe, expect, it } from 'vitest';
import { foreignApps, unwanted } from './contents.js';

describe('unwanted', () => {
  it('finds nothing in what an app needs', () => {
    const files = [
      'app/dist/main.js',
      'app/node_modules/.pnpm/undici@7.30.2/node_modules/undici/index.js',
      'usr/local/bin/kafka-proxy',
      'usr/bin/tini',
    ];
    expect(unwanted(files)).toEqual([]);
  });

  it.each([
    ['a compiler', 'usr/bin/g++-12'],
    ['a header', 'app/node_modules/.pnpm/nan@2/node_modules/nan/nan.h'],
    ['a test', 'app/dist/start.test.js'],
    ['what tests share', 'app/node_modules/@kafka-http-proxy/kafka/dist/testing/settings.js'],
    ['TypeScript', 'app/dist/main.d.ts'],
    ['a source map', 'app/dist/main.js.map'],
    ['a dev dependency', 'app/node_modules/.pnpm/vitest@4/node_modules/vitest/index.js'],
    ['a package manager', 'usr/local/lib/node_modules/pnpm/bin/pnpm.cjs'],
    ['the cache of apt', 'var/cache/apt/archives/tini.deb'],
    ['a lockfile', 'app/pnpm-lock.yaml'],
    ['a secret of the build', 'run/secrets/npmrc'],
    ['a private key', 'app/key.pem'],
    ['a program that runs as its owner', '!setuid usr/bin/su'],
  ])('finds %s', (_, file) => {
    expect(unwanted([file])).toHaveLength(1);
  });
});

describe('foreignApps', () => {
  const files = ['app/dist/main.js', 'app/node_modules/@kafka-http-proxy/processor/dist/main.js'];

  it('finds an app that an image is not for', () => {
    expect(foreignApps(files, ['proxy'])).toEqual([files[1]]);
  });

  it('finds none where the image is for all of them', () => {
    expect(foreignApps(files, ['proxy', 'processor'])).toEqual([]);
  });
});
