import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readApiKeys } from './api-keys.js';
import { BadCredentials } from './identity.js';

const directory = mkdtempSync(join(tmpdir(), 'khp-keys-'));
afterAll(() => rmSync(directory, { recursive: true }));
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
let files = 0;
const keysOf = (text: string) => {
  const path = join(directory, `${files++}.yaml`);
  writeFileSync(path, text);
  return readApiKeys(path);
};

describe('a file of keys', () => {
  it('says who has which key, and what that is good for', () => {
    const whoHas = keysOf(`
      shop: ${hashOf('one')}
      desk:
        sha256: [${hashOf('old')}, ${hashOf('new').toUpperCase()}]
        scopes: [orders:read, orders:write]
    `);
    expect(whoHas('one')).toMatchObject({ principal: 'shop@api_key', scopes: new Set() });
    for (const key of ['old', 'new', 'new']) {
      expect(whoHas(key)).toMatchObject({
        principal: 'desk@api_key',
        scopes: new Set(['orders:read', 'orders:write']),
      });
    }
  });

  it('may be JSON', () => {
    expect(keysOf(JSON.stringify({ shop: hashOf('one') }))('one').principal).toBe('shop@api_key');
  });

  it('knows no other key: not its hash, not a longer or an empty one', () => {
    const whoHas = keysOf(`shop: ${hashOf('one')}`);
    for (const key of ['two', '', hashOf('one'), 'one ', 'o'.repeat(2000)]) {
      expect(() => whoHas(key)).toThrow(BadCredentials);
    }
  });

  it.each([
    ['[]', 'a map: the name of who has a key, and its SHA-256 was expected'],
    ['shop: secret', 'at "shop" the SHA-256 of a key: 64 hexadecimal digits, or a section of sha256 and scopes'],
    [`shop: {sha256: ${hashOf('a')}, scope: [a]}`, 'at "shop"'],
    [`shop: {sha256: []}`, 'at "shop"'],
    [`a: ${hashOf('same')}\nb: ${hashOf('same')}`, '"b" has the key of a@api_key: each key is to be of one'],
    ['a: [', 'it is neither YAML nor JSON'],
  ])('of %j is refused with a sentence that holds no key', (text, sentence) => {
    expect(() => keysOf(text)).toThrow(sentence);
    expect(() => keysOf(text)).not.toThrow('secret');
  });

  it('that is not there is refused', () => {
    expect(() => readApiKeys(join(directory, 'none'))).toThrow('it cannot be read (ENOENT)');
  });
});
