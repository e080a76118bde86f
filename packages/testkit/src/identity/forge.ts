import { createHmac, type KeyObject, sign } from 'node:crypto';
import type { Issuer } from './issuer.js';
import { type Algorithm, createSigningKey, type SigningKey } from './signing-key.js';

/** Fields of a token's header, or its claims. */
export type Fields = Readonly<Record<string, unknown>>;

/** Makes the signature of what is signed. */
export type Signer = (input: Buffer) => Buffer;

/** Makes tokens as no library would: bytes as they are asked for. */
export interface Forge {
  readonly issuer: Issuer;
  /** A key that the issuer knows nothing of. */
  readonly stranger: SigningKey;
  /** Published by the issuer: an RSA key of 1024 bits. */
  readonly short: SigningKey;
  /** Published by the issuer: a key that is for encryption. */
  readonly encryption: SigningKey;
  /** The header of a good token, but for these. A field that is undefined is left out. */
  header(fields?: Fields, alg?: Algorithm): Fields;
}

/**
 * A forge beside an issuer, which publishes two keys for each algorithm from now on, a short one, and one that is for
 * encryption.
 */
export async function createForge(issuer: Issuer): Promise<Forge> {
  const [stranger, short, encryption] = await Promise.all([
    createSigningKey('RS256'),
    createSigningKey('RS256', { bits: 1024 }),
    createSigningKey('RS256', { use: 'enc' }),
  ]);
  // First, so that the newest key for an algorithm is a good one.
  issuer.keys.unshift(short, encryption);
  await issuer.rotate();
  return {
    issuer,
    stranger,
    short,
    encryption,
    header(fields = {}, alg = 'RS256') {
      return { alg, kid: issuer.keyOf(alg).kid, typ: 'JWT', ...fields };
    },
  };
}

/** JWS Compact Serialization (RFC 7515 §7.1). Text stands for itself, anything else for its JSON. */
export function compact(header: Fields | string, payload: unknown, signer: Signer): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signer(Buffer.from(input)).toString('base64url')}`;
}

/** One part of a token. */
export function encode(part: unknown): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

/** The three parts of a token. */
export function partsOf(token: string): [header: string, payload: string, signature: string] {
  return token.split('.') as [string, string, string];
}

export const rs256 =
  ({ privateKey }: SigningKey): Signer =>
  (input) =>
    sign('RSA-SHA256', input, privateKey);

export const es256 =
  ({ privateKey }: SigningKey, encoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Signer =>
  (input) =>
    sign('SHA256', input, { key: privateKey, dsaEncoding: encoding });

/** With whatever stands for a secret. */
export const hs256 =
  (secret: string | Buffer): Signer =>
  (input) =>
    createHmac('sha256', secret).update(input).digest();

export const unsigned: Signer = () => Buffer.alloc(0);

/** A public key as it lies about, for who takes it for a secret. */
export function publicForms(key: KeyObject): { pem: string; der: Buffer; jwk: string } {
  return {
    pem: key.export({ type: 'spki', format: 'pem' }).toString(),
    der: key.export({ type: 'spki', format: 'der' }),
    jwk: JSON.stringify(key.export({ format: 'jwk' })),
  };
}
