import { createCipheriv, createHash } from 'node:crypto';

/*
 * Bodies of any size whose SHA-256 is known. They are cut out of one pseudo-random region without
 * copying: making them must cost next to nothing, since it happens on the cores that are measured.
 */

/** Bytes of a chunk as a body is written to a socket; what a file stream of Node reads at a time. */
export const CHUNK_BYTES = 65_536;

/** Prime, so that no two of the first million chunks are the same: records that change places are seen. */
const PLACES = 16_777_213;
const STEP = 1_000_003;

const random = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16));
const REGION = random.update(Buffer.alloc(PLACES + CHUNK_BYTES));

/** The chunks of the body of this size; each is whole but the last. */
export function* bodyChunks(bytes: number): Generator<Buffer> {
  for (let at = 0, place = 0; at < bytes; at += CHUNK_BYTES, place = (place + STEP) % PLACES) {
    yield REGION.subarray(place, place + Math.min(CHUNK_BYTES, bytes - at));
  }
}

/** SHA-256 of the body of this size, hexadecimal. */
export function bodySha256(bytes: number): string {
  const hash = createHash('sha256');
  for (const chunk of bodyChunks(bytes)) hash.update(chunk);
  return hash.digest('hex');
}
