import { verify } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BadTokenReason } from './bad-token.js';
import { BAD_TOKENS } from './bad-tokens.js';
import { createForge, type Forge, partsOf } from './forge.js';
import { type Issuer, startIssuer } from './issuer.js';

let issuer: Issuer;
let forge: Forge;
beforeAll(async () => {
  issuer = await startIssuer();
  forge = await createForge(issuer);
});
afterAll(() => issuer.close());

/** What is refused for these is signed as it should be: it must not be refused for its signature. */
const SIGNED: readonly BadTokenReason[] = [
  'audience',
  'claims',
  'critical',
  'expired',
  'issuer',
  'no-expiry',
  'not-yet',
  'subject',
  'too-long',
  'type',
];

it.each(BAD_TOKENS.filter(({ reason }) => SIGNED.includes(reason)).map((bad) => [bad.name, bad] as const))(
  'is signed, and bad for what it says: %s',
  async (_, bad) => {
    const [header, payload, signature] = partsOf(String(await bad.token(forge)));
    const { publicKey } = issuer.keyOf('RS256');
    const signed = Buffer.from(`${header}.${payload}`);
    expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  },
);

it('there are more than two dozen, each by a name of its own', () => {
  expect(BAD_TOKENS.length).toBeGreaterThan(24);
  expect(new Set(BAD_TOKENS.map(({ name }) => name)).size).toBe(BAD_TOKENS.length);
});
