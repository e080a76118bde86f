import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bodyChunks, bodySha256, CHUNK_BYTES } from './body.js';

describe('bodies', () => {
  it('have the size that was asked for', () => {
    for (const bytes of [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 10 * CHUNK_BYTES - 1]) {
      expect(Buffer.concat([...bodyChunks(bytes)]).length).toBe(bytes);
    }
  });

  it('are the same each time, and their hash is known', () => {
    const body = Buffer.concat([...bodyChunks(1_000_000)]);
    expect(createHash('sha256').update(body).digest('hex')).toBe(bodySha256(1_000_000));
  });

  it('have no two chunks alike, so that an exchange of two shows', () => {
    const hashes = new Set<string>();
    for (const chunk of bodyChunks(2000 * CHUNK_BYTES)) hashes.add(createHash('md5').update(chunk).digest('hex'));
    expect(hashes.size).toBe(2000);
  });
});
