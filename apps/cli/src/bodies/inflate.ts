import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import type { Inflate } from '@kafka-http-proxy/operate';

/** Undoes content codings by node:zlib: gzip, deflate, br, and zstd where this Node has it. */
export const inflate: Inflate = async (coding, bytes, maxBytes) => {
  const stream = streamFor(coding, bytes);
  if (stream === null) return null;
  const parts: Buffer[] = [];
  let length = 0;
  let isCut = false;
  stream.end(bytes);
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      parts.push(part);
      length += part.length;
      if (length <= maxBytes) continue;
      isCut = true;
      break;
    }
  } catch {
    // What came out before it broke off is worth showing: the record may hold the beginning of a body only.
    isCut = true;
  } finally {
    stream.destroy();
  }
  if (isCut && length === 0) return null;
  return { bytes: Buffer.concat(parts).subarray(0, maxBytes), isCut };
};

function streamFor(coding: string, bytes: Buffer): Transform | null {
  if (coding === 'gzip') return zlib.createGunzip();
  if (coding === 'br') return zlib.createBrotliDecompress();
  // RFC 9110 §8.4.1.2 says zlib, some servers send deflate without its header.
  if (coding === 'deflate') return ((bytes[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw();
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };
  return coding === 'zstd' ? (createZstdDecompress?.() ?? null) : null;
}
