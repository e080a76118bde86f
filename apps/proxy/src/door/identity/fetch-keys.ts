import { createLocalJWKSet } from 'jose';
import type { KeySet } from './keys.js';

/** Most of a key set that is taken, bytes: those of large issuers have some KB. */
const MAX_BYTES = 1024 * 1024;
/** How long an issuer may take, ms. */
const WITHIN_MS = 5000;

/** Reads a set of public keys (RFC 7517 §5). @throws Error with a sentence where it is none */
export function parseKeys(text: string): KeySet {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch (cause) {
    throw new Error('it is not JSON', { cause });
  }
  const { keys } = (typeof set === 'object' && set !== null ? set : {}) as { keys?: unknown };
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== 'object' || key === null)) {
    throw new Error('it has no list of keys (RFC 7517 §5)');
  }
  // An issuer in trouble: what was had before is better than nothing.
  if (keys.length === 0) throw new Error('it has no key');
  if (!keys.some(isOfUse)) throw new Error('it has no key that signatures can be checked by');
  if (keys.some((key: object) => 'd' in key || 'k' in key)) {
    throw new Error('it has a private or a secret key: only public ones are to be known here');
  }
  return createLocalJWKSet({ keys });
}

/** A public key, for signatures as far as it says. */
function isOfUse({ kty, use, n, x }: { kty?: unknown; use?: unknown; n?: unknown; x?: unknown }): boolean {
  return (
    (use === undefined || use === 'sig') &&
    ((kty === 'RSA' && n !== undefined) || ((kty === 'EC' || kty === 'OKP') && x !== undefined))
  );
}

/**
 * Fetches a set of public keys. Nothing else is followed or sent.
 *
 * @throws Error with a sentence where it can't be had
 */
export async function fetchKeys(url: string): Promise<KeySet> {
  // Only who has an issuer pays for the client.
  const { got } = await import('got');
  const tooLong = new AbortController();
  const request = got(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    followRedirect: false,
    retry: { limit: 0 },
    timeout: { request: WITHIN_MS },
    signal: tooLong.signal,
    throwHttpErrors: false,
  });
  void request.on('downloadProgress', ({ transferred }) => transferred > MAX_BYTES && tooLong.abort());
  const { statusCode, body } = await request.catch((cause: Error) => {
    throw tooLong.signal.aborted ? new Error(`it is longer than ${MAX_BYTES} bytes`) : cause;
  });
  if (statusCode !== 200) throw new Error(`the issuer answered ${statusCode}`);
  return parseKeys(body);
}
