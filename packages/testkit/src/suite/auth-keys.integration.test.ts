import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { type Issuer, type IssuerMode, startIssuer } from '../identity/issuer.js';
import { startLoad } from '../identity/load.js';
import { createSigningKey } from '../identity/signing-key.js';
import { createAuthority } from '../kafka/certificates.js';
import { hasProgram } from '../machine/has-program.js';
import { freePort } from '../machine/ports.js';
import { watchMemory } from '../strangers/stage/memory.js';
import { askWith, codeOf, fetchWith, fieldOf, issuerEnv, statusOf, useGuardedBridge } from './auth-stage.js';
import { taken } from './reload-status.js';

/** Keys are asked for again no sooner than this, ms. */
const COOLDOWN_MS = 30_000;
const SOON = { timeout: 30_000, interval: 50 };
/** What is waited for here is the cooldown, most of all. */
const LONG = { timeout: 90_000 };
const COOLED = { timeout: COOLDOWN_MS + 10_000, interval: 20 };
const REFUSED = '401 unauthenticated';
/** Node's collector of garbage has its own mind: this much more is what nobody reads into memory, MiB. */
const ENDLESS_MIB = 150;

const stage = useGuardedBridge();
const issuers: Issuer[] = [];
afterAll(() => Promise.all(issuers.map((issuer) => issuer.close())));

/** A proxy with an issuer of its own. */
async function guarded(mode: IssuerMode = 'on', env: Record<string, string> = {}) {
  const issuer = await startIssuer({ mode });
  issuers.push(issuer);
  const proxy = await stage.bridge.startProxy({ ...issuerEnv(issuer), ...env });
  return { issuer, proxy, port: proxy.port as number };
}

/** Each is another, so that none was seen before. */
let serial = 0;
const fresh = (issuer: Issuer) => issuer.token({ jti: `${serial++}` });

describe.concurrent('under load', () => {
  it('keys are rotated again and again, and no request fails', LONG, async () => {
    const { issuer, port } = await guarded();
    const load = startLoad(4, async () => await fetchWith(port, await fresh(issuer)));
    const goesOn = async () => {
      const before = load.answered['200'] ?? 0;
      await vi.waitFor(() => expect(load.answered['200']).toBeGreaterThan(before + 50), SOON);
    };
    await goesOn();
    const old = await issuer.rotate();
    await goesOn();
    issuer.withdraw(old);
    await goesOn();
    expect(issuer.fetches).toBe(2);
    // Whoever names keys that are not there can have it asked again only now: an issuer that signs by a new one at once
    // has to wait for this as well.
    await vi.waitFor(() => expect(Date.now() - issuer.lastFetchMs).toBeGreaterThan(COOLDOWN_MS), COOLED);
    await issuer.rotate();
    await goesOn();
    expect(Object.keys(await load.end())).toEqual(['200']);
    expect(issuer.fetches).toBe(3);
  });

  it.each(['on', 'unavailable'] as const)(
    'a flood of unknown keys has the issuer asked once in a cooldown, and harms no good token: %s',
    LONG,
    async (mode) => {
      const { issuer, port } = await guarded();
      expect(await fetchWith(port, await fresh(issuer))).toBe('200');
      expect(issuer.fetches).toBe(1);
      await issuer.setMode(mode);
      const stranger = await createSigningKey('RS256');
      const unknown = () => issuer.token({}, { key: { ...stranger, kid: `k${serial++}` } });
      const flood = startLoad(4, async () => await fetchWith(port, await unknown()));
      const good = startLoad(1, async () => await fetchWith(port, await fresh(issuer)));
      await vi.waitFor(() => expect(flood.answered[REFUSED]).toBeGreaterThan(500), SOON);
      await vi.waitFor(() => expect(Date.now() - issuer.lastFetchMs).toBeGreaterThan(COOLDOWN_MS - 5000), COOLED);
      expect(issuer.fetches).toBe(2);
      expect(Object.keys(await flood.end())).toEqual([REFUSED]);
      expect(Object.keys(await good.end())).toEqual(['200']);
    },
  );
});

describe('an issuer that has no keys to give at the start', () => {
  it.each(['away', 'unavailable', 'garbage', 'empty', 'redirect', 'hang'] as const)(
    '%s: 503, until it has',
    async (mode) => {
      const { issuer, port, proxy } = await guarded(mode);
      const answer = await askWith(port, await fresh(issuer));
      expect([statusOf(answer), codeOf(answer)]).toEqual([503, 'auth_unavailable']);
      expect(Number(fieldOf(answer, 'Retry-After'))).toBeGreaterThanOrEqual(1);
      // What needs no key is refused as ever.
      expect(statusOf(await askWith(port, 'x'))).toBe(401);
      const failed = await proxy.metric('proxy_jwks_fetches_total', { result: 'failed' });
      if (mode !== 'hang') expect(failed).toBeGreaterThan(0);
      await issuer.setMode('on');
      await vi.waitFor(async () => expect(await fetchWith(port, await fresh(issuer))).toBe('200'), SOON);
      expect(await proxy.metric('proxy_jwks_fetches_total', { result: 'ok' })).toBe(1);
    },
  );

  it('endless: 503, and no memory goes', async () => {
    const { issuer, port, proxy } = await guarded('endless');
    const memory = watchMemory(proxy.child.pid as number);
    const before = memory.heldMib();
    expect(codeOf(await askWith(port, await fresh(issuer)))).toBe('auth_unavailable');
    await vi.waitFor(async () => {
      expect(await proxy.metric('proxy_jwks_fetches_total', { result: 'failed' })).toBeGreaterThan(0);
    }, SOON);
    expect(memory.peakMib() - before).toBeLessThan(ENDLESS_MIB);
    memory.stop();
    await issuer.setMode('on');
    await vi.waitFor(async () => expect(await fetchWith(port, await fresh(issuer))).toBe('200'), SOON);
  });
});

it('an issuer that goes away later leaves the keys that are known', async () => {
  const { issuer, port } = await guarded();
  expect(await fetchWith(port, await fresh(issuer))).toBe('200');
  await issuer.setMode('away');
  for (let i = 0; i < 20; i++) expect(await fetchWith(port, await fresh(issuer))).toBe('200');
  const stranger = await createSigningKey('RS256');
  expect(await fetchWith(port, await issuer.token({}, { key: stranger }))).toBe('401 unauthenticated');
  expect(await fetchWith(port, await fresh(issuer))).toBe('200');
});

describe('keys in files', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'khp-keys-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('are read again when they change, and no request fails', async () => {
    const issuer = await startIssuer({ mode: 'away' });
    issuers.push(issuer);
    const file = join(dir, 'jwks.json');
    const publish = () => writeFile(file, JSON.stringify({ keys: issuer.keys.map(({ jwk }) => jwk) }));
    await publish();
    const env = { ...issuerEnv(issuer), AUTH_JWT_JWKS: file, MANAGEMENT_PORT: String(await freePort()) };
    const proxy = await stage.bridge.startProxy(env);
    const port = proxy.port as number;
    const old = issuer.keyOf('RS256');
    const load = startLoad(4, async () => fetchWith(port, await issuer.token({ jti: `${serial++}` }, { key: old })));
    await issuer.rotate();
    expect(await fetchWith(port, await fresh(issuer))).toBe('401 unauthenticated');
    await taken(proxy, publish);
    expect(await fetchWith(port, await fresh(issuer))).toBe('200');
    expect(Object.keys(await load.end())).toEqual(['200']);
    // Withdrawn keys prove nothing any more, not even what they proved before.
    const token = await issuer.token({}, { key: old });
    expect(await fetchWith(port, token)).toBe('200');
    issuer.withdraw([old]);
    await taken(proxy, publish);
    expect(await fetchWith(port, token)).toBe('401 unauthenticated');
  });

  it.runIf(hasProgram('openssl') || inject('broker').kind === 'kafka')(
    'are fetched over HTTPS from whom the certificate names, and from nobody else',
    async () => {
      const authority = await createAuthority(dir, 'authority');
      const issued = await authority.issue('issuer');
      const [cert, key] = await Promise.all([readFile(issued.certificate, 'utf8'), readFile(issued.key, 'utf8')]);
      const issuer = await startIssuer({ tls: { cert, key } });
      issuers.push(issuer);
      const trusting = { ...issuerEnv(issuer), NODE_EXTRA_CA_CERTS: authority.certificate };
      const { port } = await stage.bridge.startProxy(trusting);
      expect(await fetchWith(port as number, await fresh(issuer))).toBe('200');
      const other = await stage.bridge.startProxy(issuerEnv(issuer));
      expect(await fetchWith(other.port as number, await fresh(issuer))).toBe('503 auth_unavailable');
      expect(issuer.fetches).toBe(1);
      expect(JSON.stringify(other.log)).toMatch(/certificate/);
    },
  );
});
