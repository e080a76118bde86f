import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterEach, expect, it } from 'vitest';
import { type Issuer, startIssuer } from './issuer.js';
import { ALGORITHMS } from './signing-key.js';

let issuer: Issuer;
afterEach(() => issuer.close());

const verify = (token: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(issuer.jwksUrl)), { issuer: issuer.name, audience: issuer.audience });

it.each(ALGORITHMS)('signs by %s what its key set proves', async (alg) => {
  issuer = await startIssuer();
  const { payload } = await verify(await issuer.token({ scope: 'orders:write' }, { alg }));
  expect(payload).toMatchObject({ sub: 'alice', scope: 'orders:write' });
  expect(issuer.fetches).toBe(1);
});

it('signs by other keys after a rotation, and publishes the old ones until they are withdrawn', async () => {
  issuer = await startIssuer();
  const before = await issuer.token();
  const old = await issuer.rotate();
  await verify(before);
  issuer.withdraw(old);
  await expect(verify(before)).rejects.toThrow('no applicable key');
  await verify(await issuer.token());
});

it('goes away and comes back at the same place, and answers late what it held', async () => {
  issuer = await startIssuer({ mode: 'away' });
  const token = await issuer.token();
  await expect(verify(token)).rejects.toThrow('fetch failed');
  await issuer.setMode('hang');
  const held = verify(token);
  await expect.poll(() => issuer.fetches).toBe(1);
  await issuer.setMode('on');
  await held;
});

it.each([
  ['unavailable', 'Expected 200 OK'],
  ['redirect', 'Expected 200 OK'],
  ['garbage', 'Failed to parse'],
  ['empty', 'no applicable key'],
] as const)('answers as it is told: %s', async (mode, told) => {
  issuer = await startIssuer({ mode });
  await expect(verify(await issuer.token())).rejects.toThrow(told);
});

it('pours without an end into whoever reads it', async () => {
  issuer = await startIssuer({ mode: 'endless' });
  const response = await fetch(issuer.jwksUrl);
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > 10_000_000) break;
  }
  expect(bytes).toBeGreaterThan(10_000_000);
});
