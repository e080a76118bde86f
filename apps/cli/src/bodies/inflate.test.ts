import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { inflate } from './inflate.js';

const text = 'hello '.repeat(100);

it.each([
  ['gzip', gzipSync(text)],
  ['br', brotliCompressSync(text)],
  ['deflate', deflateSync(text)],
  ['deflate', deflateRawSync(text)],
])('undoes %s', async (coding, bytes) => {
  expect(await inflate(coding, bytes, 10_000)).toEqual({ bytes: Buffer.from(text), isCut: false });
});

it('stops at the limit, however large a bomb would become', async () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  const before = process.memoryUsage().rss;
  const out = await inflate('gzip', bomb, 1024 * 1024);
  expect(out?.bytes).toHaveLength(1024 * 1024);
  expect(out?.isCut).toBe(true);
  expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
});

it('shows what came out of the beginning of a body, and nothing of what is none', async () => {
  const cut = gzipSync(Buffer.from(Array.from({ length: 50_000 }, (_, i) => `${i * 7919}`).join())).subarray(0, 40_000);
  const out = await inflate('gzip', cut, 1024 * 1024);
  expect(out?.isCut).toBe(true);
  expect(out?.bytes.toString('latin1')).toMatch(/^0,7919,15838,/);
  expect(await inflate('gzip', Buffer.from('no gzip'), 1000)).toBeNull();
  expect(await inflate('rot13', Buffer.from('x'), 1000)).toBeNull();
});
