import { beforeAll, describe, expect, it } from 'vitest';
import type { BadTokenReason } from '../identity/bad-token.js';
import { BAD_TOKENS } from '../identity/bad-tokens.js';
import { createForge, type Forge } from '../identity/forge.js';
import { ALGORITHMS } from '../identity/signing-key.js';
import { ask, askWith, codeOf, fieldOf, statusOf, useGuardedBridge } from './auth-stage.js';

/** What the client is told, by why. */
const TOLD: Readonly<Record<BadTokenReason, RegExp>> = {
  algorithm: /\(alg\)/,
  audience: /\baud\b/,
  claims: /\b(?:iat|nbf)\b/,
  critical: /\b(?:crit|b64)\b/,
  expired: /has expired \(exp\)/,
  form: /malformed/,
  issuer: /\biss\b/,
  key: /\bkey\b/,
  'no-expiry': /\bexp\b/,
  'not-yet': /not valid yet \(nbf\)/,
  signature: /signature/,
  subject: /\bsub\b/,
  'too-long': /longer than/,
  twice: /Authorization was sent more than once/,
  type: /\(typ\)/,
};

const stage = useGuardedBridge({ proxy: { AUTH_JWT_CLOCK_SKEW: '60' } });
let forge: Forge;
beforeAll(async () => {
  forge = await createForge(stage.issuer);
});

describe('a bad token', () => {
  it.each(BAD_TOKENS.map((bad) => [bad.reason, bad.name, bad] as const))('%s: %s', async (reason, _, bad) => {
    const before = stage.backend.received.length;
    const token = await bad.token(forge);
    const lines = (typeof token === 'string' ? [token] : token).map((one) => `Authorization: Bearer ${one}`);
    const answer = await ask(stage.port, lines);
    expect(statusOf(answer)).toBe(401);
    expect(codeOf(answer)).toBe('unauthenticated');
    const challenge = fieldOf(answer, 'WWW-Authenticate') ?? '';
    expect(challenge).toMatch(/^Bearer .*error="invalid_(?:token|request)", error_description="[^"]+"/);
    expect(challenge).toMatch(TOLD[reason]);
    // Nothing of it is said to whoever has it, nor to the log.
    for (const one of lines.map((line) => line.slice(22)).filter((text) => text.length > 20)) {
      expect(answer.body.toString() + challenge).not.toContain(one);
      expect(JSON.stringify(stage.proxy.log)).not.toContain(one);
    }
    expect(stage.backend.received.length).toBe(before);
  });
});

describe('a good token', () => {
  it.each(ALGORITHMS)('by %s is taken, and goes no further', async (alg) => {
    const token = await stage.issuer.token({}, { alg });
    expect(statusOf(await askWith(stage.port, token))).toBe(200);
    const got = stage.backend.received.at(-1);
    expect(fieldOf(got, 'Authorization')).toBeUndefined();
  });

  const seconds = () => Math.floor(Date.now() / 1000);
  it.each([
    ['ended within the clock skew', () => ({ exp: seconds() - 50 })],
    ['begins within the clock skew', () => ({ nbf: seconds() + 50 })],
    ['is for several, and for this one', () => ({ aud: ['billing-api', 'orders-api'] })],
    ['says nothing of when it was made', () => ({ iat: undefined })],
    ['has a name of other letters', () => ({ sub: 'Zoë Ångström' })],
    ['has a name as others have it', () => ({ sub: 'auth0|5f7c8ec7c33c6c004bbafe82' })],
  ])('that %s is taken', async (_, claims) => {
    expect(statusOf(await askWith(stage.port, await stage.issuer.token(claims())))).toBe(200);
  });

  it.each([
    ['ended before it', { exp: -70 }, /expired/],
    ['begins behind it', { nbf: 70 }, TOLD['not-yet']],
  ])('that %s is none: the clock skew has an edge', async (_, by, told) => {
    const claims = Object.fromEntries(Object.entries(by).map(([name, s]) => [name, seconds() + s]));
    const answer = await askWith(stage.port, await stage.issuer.token(claims));
    expect(statusOf(answer)).toBe(401);
    expect(fieldOf(answer, 'WWW-Authenticate')).toMatch(told);
  });

  it.each(['at+jwt', 'JWT', 'jwt', 'application/at+jwt', undefined])('of the type %s is taken', async (typ) => {
    const token = await stage.issuer.token({}, { header: { typ } });
    expect(statusOf(await askWith(stage.port, token))).toBe(200);
  });

  it.each(['bearer', 'BEARER', 'Bearer '])('behind %j is taken', async (scheme) => {
    const token = await stage.issuer.token();
    expect(statusOf(await ask(stage.port, [`Authorization: ${scheme} ${token}`]))).toBe(200);
  });
});

describe('a request without a token', () => {
  it.each([
    ['has nothing to show', []],
    ['shows something else', ['Authorization: Basic YWxpY2U6c2VjcmV0']],
    ['names the scheme alone', ['Authorization: Bearer ']],
  ])('that %s is told what is wanted, and no error (RFC 6750 section 3.1)', async (_, lines) => {
    const answer = await ask(stage.port, lines);
    expect(statusOf(answer)).toBe(401);
    expect(codeOf(answer)).toBe('unauthenticated');
    const challenge = fieldOf(answer, 'WWW-Authenticate');
    expect(challenge).toMatch(/^Bearer/);
    expect(challenge).not.toContain('error=');
  });
});
