import type { HeaderList } from '@kafka-http-proxy/protocol';
import type { Inflate } from './inflate.js';

/** More of them, one in the other, is nothing that a server does. */
const MAX_CODINGS = 3;

/** A body without its content codings. */
export interface Plain {
  readonly bytes: Buffer;
  readonly isCut: boolean;
  /** What was undone, as it stood in the head; empty where nothing was. */
  readonly undone: readonly string[];
  /** The first coding that could not be undone. */
  readonly left: string | null;
}

/**
 * Undoes the content codings of a body (RFC 9110 §8.4), the last one first.
 *
 * @param maxBytes of what comes out: a bomb is cut there
 */
export async function withoutCodings(
  body: Buffer,
  headers: HeaderList,
  maxBytes: number,
  inflate: Inflate,
): Promise<Plain> {
  const codings = codingsOf(headers);
  const undone: string[] = [];
  let bytes = body;
  let isCut = false;
  while (codings.length > 0) {
    const coding = codings.pop() as string;
    const out = undone.length < MAX_CODINGS ? await inflate(coding, bytes, maxBytes) : null;
    if (out === null) return { bytes, isCut, undone, left: coding };
    bytes = out.bytes;
    isCut ||= out.isCut;
    undone.unshift(coding);
  }
  return { bytes, isCut, undone, left: null };
}

function codingsOf(headers: HeaderList): string[] {
  const found: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== 'content-encoding') continue;
    for (const part of (headers[i + 1] as string).split(',')) {
      const coding = part
        .trim()
        .toLowerCase()
        .replace(/^x-(?=gzip$)/, '');
      if (coding !== '' && coding !== 'identity') found.push(coding);
    }
  }
  return found;
}
