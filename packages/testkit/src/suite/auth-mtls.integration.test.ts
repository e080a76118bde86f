import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Authority, createAuthority } from '../kafka/certificates.js';
import { readUntil } from '../kafka/probe.js';
import { hasProgram } from '../machine/has-program.js';
import { brokerEnv } from '../services/bridge.js';
import { type ServiceProcess, startService } from '../services/service-process.js';
import { ask, codeOf, fieldOf, metadataOf, statusOf, useGuardedBridge } from './auth-stage.js';

const CAN_RUN = hasProgram('openssl') || inject('broker').kind === 'kafka';
const withCertificates = describe.runIf(CAN_RUN);

/** A certificate and its key, PEM. */
interface Pair {
  readonly cert: string;
  readonly key: string;
}

const stage = useGuardedBridge();
const SCOPES = { AUTH_MTLS_SCOPES: JSON.stringify({ 'CN=shop': ['orders:write'] }) };
let dir: string;
let authority: Authority;
let shop: Pair;
let other: Pair;
let expired: Pair;
let env: Record<string, string>;
beforeAll(async () => {
  if (!CAN_RUN) return;
  dir = await mkdtemp(join(tmpdir(), 'khp-mtls-'));
  authority = await createAuthority(dir, 'authority');
  [shop, other, expired] = await Promise.all([issue('shop'), issue('other'), issue('expired', true)]);
  const routes = [
    { path: '/orders', request_topic: stage.bridge.requestTopic, scopes: ['orders:write'] },
    { path: '/', request_topic: stage.bridge.requestTopic },
  ];
  env = { ...SCOPES, ROUTES: JSON.stringify(routes) };
});
afterAll(async () => {
  if (CAN_RUN) await rm(dir, { recursive: true });
});

async function issue(name: string, isExpired = false, by = authority): Promise<Pair> {
  const { certificate, key } = await by.issue(name, { expired: isExpired });
  const [cert, pem] = await Promise.all([readFile(certificate, 'utf8'), readFile(key, 'utf8')]);
  return { cert, key: pem };
}

async function principalOf(target: string): Promise<unknown> {
  const isIt = (record: Parameters<typeof metadataOf>[0]) => metadataOf(record).target === target;
  const records = await readUntil(inject('broker'), stage.bridge.requestTopic, (all) => all.some(isIt));
  return metadataOf(records.find(isIt)).principal;
}

withCertificates('a certificate that a trusted proxy passes on (Client-Cert)', () => {
  const rfc9440 = ({ cert }: Pair) => `Client-Cert: :${new X509Certificate(cert).raw.toString('base64')}:`;
  const nginx = ({ cert }: Pair) => `Client-Cert: ${encodeURIComponent(cert)}`;
  let friend: number;
  let stranger: number;
  beforeAll(async () => {
    const start = async (trusted: string) =>
      (await stage.bridge.startProxy({ ...env, TRUSTED_PROXIES: trusted })).port as number;
    [friend, stranger] = await Promise.all([start('127.0.0.1'), start('10.0.0.0/8')]);
  });

  it.each([
    ['RFC 9440', rfc9440],
    ['nginx', nginx],
  ])('says who asks, in the way of %s', async (way, field) => {
    const target = `/orders/${encodeURIComponent(way)}`;
    expect(statusOf(await ask(friend, [field(shop)], target))).toBe(200);
    expect(await principalOf(target)).toBe('CN=shop@mtls');
  });

  it('has the scopes of its name', async () => {
    expect(statusOf(await ask(friend, [rfc9440(other)], '/'))).toBe(200);
    const answer = await ask(friend, [rfc9440(other)], '/orders');
    expect([statusOf(answer), codeOf(answer)]).toEqual([403, 'forbidden']);
  });

  it.each([
    ['expired', () => [rfc9440(expired)]],
    ['no certificate', () => ['Client-Cert: :AAAA:']],
    ['no base64', () => ['Client-Cert: shop']],
    ['empty', () => ['Client-Cert: ']],
    ['twice', () => [rfc9440(shop), rfc9440(shop)]],
    ['not there', () => []],
  ])('is refused where it is %s', async (_, lines) => {
    const answer = await ask(friend, lines(), '/');
    expect([statusOf(answer), codeOf(answer)]).toEqual([401, 'unauthenticated']);
    expect(fieldOf(answer, 'WWW-Authenticate')).toBeDefined();
  });

  it('is nothing from anybody else', async () => {
    const answer = await ask(stranger, [rfc9440(shop)], '/orders');
    expect([statusOf(answer), codeOf(answer)]).toEqual([401, 'unauthenticated']);
  });
});

withCertificates('a certificate of the connection', () => {
  let proxy: ServiceProcess;
  let port: number;
  afterAll(() => proxy?.stop());
  beforeAll(async () => {
    const server = await authority.issue('proxy');
    const { responseTopic, controlTopic } = stage.bridge;
    proxy = await startService('proxy', {
      // What asks whether it is ready trusts its certificate, and has none of its own.
      ca: authority.certificate,
      env: {
        ...brokerEnv(inject('broker')),
        ...env,
        PROXY_PORT: '0',
        DEFAULT_RESPONSE_TOPIC: responseTopic,
        WARMUP_TOPICS: responseTopic,
        CONTROL_TOPIC: controlTopic,
        TLS_CERT: server.certificate,
        TLS_KEY: server.key,
        TLS_CA: authority.certificate,
        TLS_CLIENT_AUTH: 'request',
      },
    });
    await proxy.ready();
    port = proxy.port as number;
  });

  /** Resolves with the status, over a connection of its own. */
  const send = async (path: string, pair?: Pair, headers: Record<string, string> = {}): Promise<number> => {
    const ca = await readFile(authority.certificate, 'utf8');
    const options: RequestOptions = { host: '127.0.0.1', port, path, headers, ca, agent: false, ...pair };
    return await new Promise((resolve, reject) => {
      request(options, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      })
        .once('error', reject)
        .end();
    });
  };

  it('says who asks', async () => {
    expect(await send('/orders/tls', shop)).toBe(200);
    expect(await principalOf('/orders/tls')).toBe('CN=shop@mtls');
  });

  it('has the scopes of its name', async () => {
    expect(await send('/', other)).toBe(200);
    expect(await send('/orders', other)).toBe(403);
  });

  it('is nobody’s where there is none, where it has expired, or another authority made it', async () => {
    const foreign = await issue('shop', false, await createAuthority(dir, 'foreign'));
    expect(await send('/')).toBe(401);
    expect(await send('/', expired)).toBe(401);
    expect(await send('/', foreign)).toBe(401);
  });

  it('is not what a field says', async () => {
    const field = { 'Client-Cert': `:${new X509Certificate(shop.cert).raw.toString('base64')}:` };
    expect(await send('/orders', undefined, field)).toBe(401);
    expect(await send('/orders', other, field)).toBe(403);
  });
});
