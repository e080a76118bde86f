import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordHeader } from '@kafka-http-proxy/protocol';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { type Authority, createAuthority, type Issued } from '../kafka/certificates.js';
import { readUntil } from '../kafka/probe.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import { type Nginx, startNginx } from '../services/nginx.js';
import { snippet } from '../suite/security-guide.js';
import { askFrom } from './nginx-client.js';

/*
 * nginx verifies client certificates and passes them on, by the lines that docs/security.md shows; the proxy knows their
 * owners.
 */

describe('client certificates at nginx', () => {
  let dir: string;
  let authority: Authority;
  let server: Issued;
  let backend: ScriptedBackend;
  let bridge: Bridge;
  let nginx: Nginx | undefined;

  /** Asks nginx, with a certificate or without. */
  const ask = async (path: string, client: Issued | null, headers: Readonly<Record<string, string>> = {}) => {
    const files = client === null ? [] : await Promise.all([client.certificate, client.key].map((at) => readFile(at)));
    const [cert, key] = files;
    const ca = await readFile(authority.certificate);
    return await new Promise<number | undefined>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: nginx?.port, path, headers, ca, ...(cert && key && { cert, key }) };
      request({ ...options, agent: false }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode));
      })
        .once('error', reject)
        .end();
    });
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'khp-client-certificates-'));
    [authority, backend] = await Promise.all([createAuthority(dir, 'clients'), startBackend()]);
    server = await authority.issue('nginx');
    bridge = await startBridge({
      broker: inject('broker'),
      backendUrl: backend.url,
      proxy: { TRUSTED_PROXIES: '127.0.0.1', AUTH_MTLS_SCOPES: '{"CN=shop":["orders:write"]}' },
    });
    const lines = snippet('nginx', 'client-certificates').replace('/etc/nginx/clients-ca.pem', authority.certificate);
    nginx = await startNginx([bridge.proxies[0]?.port ?? 0], {
      edit: (conf) =>
        conf
          .replace(/listen (127\.0\.0\.1:\d+);/, (_, address: string) =>
            [`listen ${address} ssl;`, `ssl_certificate ${server.certificate};`, `ssl_certificate_key ${server.key};`]
              .concat(lines)
              .join('\n'),
          )
          .replace('location / {', `location / {\n${snippet('nginx', 'client-certificates-location')}`),
    });
  }, 120_000);

  afterAll(async () => {
    await nginx?.stop();
    await bridge?.close();
    await backend?.close();
    if (dir) await rm(dir, { recursive: true });
  });

  it('say who asks, and Kafka has the name', async () => {
    expect(await ask('/known', await authority.issue('shop'))).toBe(200);
    const said = (record: Parameters<typeof recordHeader>[0]) =>
      JSON.parse(recordHeader(record, 'khp') ?? '{}') as { target?: string; principal?: string };
    const records = await readUntil(inject('broker'), bridge.requestTopic, (all) =>
      all.some(({ headers }) => said(headers).target === '/known'),
    );
    expect(records.map(({ headers }) => said(headers).principal)).toEqual(['CN=shop@mtls']);
  });

  it('are wanted of everybody, whatever a client says that it has', async () => {
    const certificate = await readFile((await authority.issue('root')).certificate, 'utf8');
    const claim = { 'Client-Cert': encodeURIComponent(certificate) };
    const before = backend.received.length;
    // nginx says so itself: no certificate, or one of others.
    const others = await createAuthority(dir, 'others');
    expect(await ask('/', null, claim)).toBe(400);
    expect(await ask('/', await others.issue('shop'), claim)).toBe(400);
    expect(await ask('/', await authority.issue('shop', { expired: true }), claim)).toBe(400);
    // And the proxy, of those who come past nginx.
    expect(await askFrom('127.0.0.2', bridge.proxies[0]?.port ?? 0, '/', claim)).toBe(401);
    expect(backend.received).toHaveLength(before);
  });

  it('are not somebody else’s, whatever a client says that it has', async () => {
    const certificate = await readFile((await authority.issue('root')).certificate, 'utf8');
    const claim = { 'Client-Cert': encodeURIComponent(certificate), Client_Cert: encodeURIComponent(certificate) };
    expect(await ask('/claimed', await authority.issue('shop'), claim)).toBe(200);
    const records = await readUntil(inject('broker'), bridge.requestTopic, (all) => all.length >= 2);
    const principals = records.map(({ headers }) => recordHeader(headers, 'khp')?.match(/"principal":"([^"]*)"/)?.[1]);
    expect(new Set(principals)).toEqual(new Set(['CN=shop@mtls']));
  });
});
