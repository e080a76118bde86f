import { type Issuer, startIssuer } from '@kafka-http-proxy/testkit';
import { createLocalJWKSet } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { IssuerKeys, KeySet } from './keys.js';
import { createTokens } from './tokens.js';

/** What all of them are shown by. */
const SOCKET = {};

let issuer: Issuer;
let now: number;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

/** Tokens of the issuer, at a time that the test turns. */
function setUp(claims: Record<string, string> = {}) {
  now = Date.now();
  let withdrawals = 0;
  const ask = () =>
    createLocalJWKSet({ keys: issuer.keys.map(({ jwk }) => jwk) } as Parameters<typeof createLocalJWKSet>[0]);
  let set = ask();
  const keyOf = vi.fn<KeySet>();
  keyOf.mockImplementation((header, token) => set(header, token));
  const keys: IssuerKeys = {
    keyOf,
    asked: Promise.resolve(),
    withdrawn: () => withdrawals,
    trouble: () => null,
    close: () => undefined,
  };
  const config = {
    issuer: issuer.name,
    audience: [issuer.audience],
    jwks: issuer.jwksUrl,
    algorithms: ['RS256', 'ES256', 'EdDSA'] as const,
    clock_skew: 60,
    forward: false,
    claims,
  };
  const withdraw = () => {
    set = ask();
    withdrawals++;
  };
  return {
    tokens: createTokens({ ...config, algorithms: [...config.algorithms] }, keys, { now: () => now }),
    keyOf,
    withdraw,
  };
}

describe('a token', () => {
  it('is verified once, and known from then on', async () => {
    const { tokens, keyOf } = setUp();
    const token = await issuer.token();
    const [one, other] = await Promise.all([tokens.judge(token, SOCKET), tokens.judge(token, SOCKET)]);
    expect(one).toBe(other);
    expect(tokens.judge(token, SOCKET)).toBe(one);
    expect(keyOf).toHaveBeenCalledTimes(1);
  });

  it('is known until it expires, the clock skew included, and not a moment longer', async () => {
    const { tokens } = setUp();
    const exp = Math.floor(now / 1000) + 100;
    const token = await issuer.token({ exp });
    const identity = await tokens.judge(token, SOCKET);
    now = (exp + 60) * 1000 - 1;
    expect(tokens.judge(token, SOCKET)).toBe(identity);
    now += 1;
    await expect(tokens.judge(token, SOCKET)).rejects.toThrow('has expired (exp)');
  });

  it('is taken, and refused, at the edges of the clock skew', async () => {
    const { tokens } = setUp();
    const at = Math.floor(now / 1000);
    now = at * 1000;
    await expect(tokens.judge(await issuer.token({ exp: at - 59 }), SOCKET)).resolves.toBeDefined();
    await expect(tokens.judge(await issuer.token({ exp: at - 60 }), SOCKET)).rejects.toThrow('(exp)');
    await expect(tokens.judge(await issuer.token({ nbf: at + 60 }), SOCKET)).resolves.toBeDefined();
    await expect(tokens.judge(await issuer.token({ nbf: at + 61 }), SOCKET)).rejects.toThrow('(nbf)');
    await expect(tokens.judge(await issuer.token({ iat: at + 60 }), SOCKET)).resolves.toBeDefined();
    await expect(tokens.judge(await issuer.token({ iat: at + 61 }), SOCKET)).rejects.toThrow('(iat)');
  });

  it('is known no longer when a key was taken away, whether or not it was its own', async () => {
    const { tokens, keyOf, withdraw } = setUp();
    const old = issuer.keyOf('RS256');
    const token = await issuer.token();
    await tokens.judge(token, SOCKET);
    await issuer.rotate();
    const other = await issuer.token();
    issuer.withdraw([old]);
    withdraw();
    await expect(tokens.judge(token, SOCKET)).rejects.toThrow('(kid)');
    await expect(tokens.judge(other, SOCKET)).resolves.toMatchObject({ principal: 'alice@https://issuer.test' });
    expect(keyOf).toHaveBeenCalledTimes(3);
  });

  it('is judged by itself, whatever was shown by the same connection before', async () => {
    const { tokens } = setUp();
    const [alice, bob] = await Promise.all(['alice', 'bob'].map((sub) => issuer.token({ sub })));
    for (const [token, sub] of [
      [alice, 'alice'],
      [alice, 'alice'],
      [bob, 'bob'],
      [bob, 'bob'],
      [alice, 'alice'],
    ] as [string, string][]) {
      expect((await tokens.judge(token, SOCKET)).principal).toBe(`${sub}@https://issuer.test`);
    }
    await expect(tokens.judge(`${alice}x`, SOCKET)).rejects.toThrow('signature');
  });

  it('that is bad is not remembered', async () => {
    const { tokens, keyOf } = setUp();
    const token = await issuer.token({ aud: 'others' });
    await expect(tokens.judge(token, SOCKET)).rejects.toThrow('(aud)');
    await expect(tokens.judge(token, SOCKET)).rejects.toThrow('(aud)');
    expect(keyOf).toHaveBeenCalledTimes(2);
  });

  it('has its claims as fields, as far as these can be in one', async () => {
    const { tokens } = setUp({ sub: 'X-Sub', roles: 'X-Roles', age: 'X-Age', at: 'X-At', bad: 'X-Bad', no: 'X-No' });
    const token = await issuer.token({ roles: ['a', 'b'], age: 7, at: { home: true }, bad: 'a\r\nb', no: null });
    expect((await tokens.judge(token, SOCKET)).claims).toEqual([
      'X-Sub',
      'alice',
      'X-Roles',
      'a,b',
      'X-Age',
      '7',
      'X-At',
      '{"home":true}',
    ]);
  });
});
