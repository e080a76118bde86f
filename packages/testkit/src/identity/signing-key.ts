import { createPublicKey, generateKeyPair, type KeyObject, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

/** Algorithms that the issuer signs by (RFC 7518 §3.1, RFC 8037 §3.1). */
export const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** A pair of keys of an issuer. */
export interface SigningKey {
  readonly alg: Algorithm;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** As it stands in a key set (RFC 7517). */
  readonly jwk: Readonly<Record<string, unknown>>;
}

export interface SigningKeyOptions {
  /** Of an RSA key, bits; 2048 when left out. Fewer are too few for RS256 (RFC 7518 §3.3). */
  readonly bits?: number;
  /** What the key set says that it is for; `sig` when left out. */
  readonly use?: 'sig' | 'enc';
}

const newPair = promisify(generateKeyPair);

/** Makes a pair of keys, with an id of its own. */
export async function createSigningKey(alg: Algorithm, options: SigningKeyOptions = {}): Promise<SigningKey> {
  const privateKey = await makePrivateKey(alg, options.bits ?? 2048);
  const publicKey = createPublicKey(privateKey);
  const kid = `${alg}-${randomUUID().slice(0, 8)}`;
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: options.use ?? 'sig' };
  return { alg, kid, privateKey, publicKey, jwk };
}

async function makePrivateKey(alg: Algorithm, bits: number): Promise<KeyObject> {
  if (alg === 'RS256') return (await newPair('rsa', { modulusLength: bits })).privateKey;
  if (alg === 'ES256') return (await newPair('ec', { namedCurve: 'P-256' })).privateKey;
  return (await newPair('ed25519')).privateKey;
}
