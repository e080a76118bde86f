import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { offerSuites } from '../http/client-hello.js';
import { secureGet } from '../http/secure-get.js';
import { type Authority, createAuthority, type Issued } from '../kafka/certificates.js';
import { hasProgram } from '../machine/has-program.js';
import { freePort } from '../machine/ports.js';
import { brokerEnv } from '../services/bridge.js';
import { type ServiceProcess, startService } from '../services/service-process.js';

/** Certificates are made by openssl, which the README's test command does without; CI has it. */
const CERTIFIES = hasProgram('openssl');

let dir: string;
let authority: Authority;
let strangers: Authority;
const services: ServiceProcess[] = [];
beforeAll(async () => {
  if (!CERTIFIES) return;
  dir = await mkdtemp(join(tmpdir(), 'khp-tls-'));
  [authority, strangers] = await Promise.all([createAuthority(dir, 'own'), createAuthority(dir, 'strangers')]);
});
afterAll(async () => {
  await Promise.all(services.map((service) => service.stop('SIGKILL')));
  if (CERTIFIES) await rm(dir, { recursive: true });
});

async function proxyWith({ certificate, key }: Issued, env: Record<string, string> = {}): Promise<ServiceProcess> {
  const tls = { TLS_CERT: certificate, TLS_KEY: key, TLS_CA: authority.certificate };
  const proxy = await startService('proxy', {
    env: { ...brokerEnv(inject('broker')), PROXY_PORT: '0', ...tls, ...env },
    ca: authority.certificate,
  });
  services.push(proxy);
  return proxy;
}

/** What `openssl s_client` says; it is sent `input` when the handshake is done. */
function sClient(port: number, args: readonly string[], input: string | null = null): Promise<string> {
  return new Promise((resolve) => {
    const call = ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', authority.certificate, ...args];
    const child = spawn('openssl', call, { stdio: 'pipe' });
    let said = '';
    const hear = (bytes: Buffer) => {
      said += bytes;
      if (input !== null && /Verify return code|Verification: /.test(said)) child.stdin.write(input);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.stdin.on('error', () => undefined);
    if (input === null) child.stdin.end();
    child.on('close', () => resolve(said));
  });
}

/** The status of GET /health, or that there was no answer. */
async function health(
  port: number | undefined,
  options: Parameters<typeof secureGet>[1] = {},
): Promise<number | 'refused'> {
  const ca = readFileSync(authority.certificate);
  return await secureGet(`https://127.0.0.1:${port}/health`, { ca, ...options }).then(
    ({ status }) => status,
    () => 'refused' as const,
  );
}

const files = ({ certificate, key }: Issued) => ({ cert: readFileSync(certificate), key: readFileSync(key) });
/** Old versions and weak ciphers, as far as this OpenSSL can speak them. */
const WEAK = ['-cipher', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'];

describe.runIf(CERTIFIES).each(['ec', 'rsa'])('the HTTP port with a certificate of %s', (kind) => {
  let port: number;
  beforeAll(async () => {
    const proxy = await proxyWith(await authority.issue(`proxy-${kind}`, { rsa: kind === 'rsa' }));
    port = proxy.port as number;
  });

  it.each([
    ['-tls1', /alert protocol version|no protocols available/],
    ['-tls1_1', /alert protocol version|no protocols available/],
    ['-tls1_2', /Protocol version: TLSv1\.2[\s\S]*Verification: OK/],
    ['-tls1_3', /Protocol version: TLSv1\.3[\s\S]*Verification: OK/],
  ])('speaks the version of %s, or refuses it', async (version, said) => {
    const weak = /tls1(_1)?$/.test(version) ? WEAK : [];
    expect(await sClient(port, ['-brief', version, ...weak])).toMatch(said);
  });

  it.each([
    ['no encryption', [0x0001, 0x0002, 0x003b, 0xc010, 0xc006]],
    ['EXPORT', [0x0003, 0x0006, 0x0008, 0x0011, 0x0014, 0x0062, 0x0064]],
    ['RC4', [0x0004, 0x0005, 0xc007, 0xc011]],
    ['DES and 3DES', [0x0009, 0x000a, 0x0015, 0x0016, 0xc008, 0xc012]],
    ['CBC with SHA-1', [0x002f, 0x0035, 0xc009, 0xc00a, 0xc013, 0xc014]],
    ['CBC with SHA-2', [0x003c, 0x003d, 0xc023, 0xc024, 0xc027, 0xc028]],
    ['keys of RSA alone', [0x009c, 0x009d, 0xc09c, 0xc09d]],
    ['Diffie-Hellman without curves', [0x009e, 0x009f, 0xccaa]],
    ['nobody’s certificate', [0x0034, 0x006c, 0x00a6, 0xc018, 0x00a8]],
  ])('refuses ciphers with %s', async (_what, suites) => {
    // handshake_failure (RFC 5246 §7.2.2)
    expect(await offerSuites(port, suites)).toBe('alert 40');
  });

  it('takes ECDHE with AES-GCM and ChaCha20, by its own order', async () => {
    const [gcm, chacha] = kind === 'rsa' ? [0xc02f, 0xcca8] : [0xc02b, 0xcca9];
    expect(await offerSuites(port, [gcm])).toBe('hello');
    expect(await offerSuites(port, [chacha])).toBe('hello');
    const offered = ['-brief', '-tls1_2', '-cipher', 'ECDHE+AES128:ECDHE+AES256'];
    expect(await sClient(port, offered)).toMatch(/Ciphersuite: ECDHE-\w+-AES256-GCM-SHA384/);
  });

  it('renegotiates with nobody', async () => {
    expect(await sClient(port, ['-tls1_2'], 'R\n')).toMatch(/RENEGOTIATING[\s\S]*no renegotiation/);
    expect(await health(port)).toBe(200);
  });

  it('speaks HTTP/1.1 and no other protocol', async () => {
    expect(await sClient(port, ['-alpn', 'h2,http/1.1'])).toMatch(/ALPN protocol: http\/1\.1/);
    expect(await sClient(port, ['-alpn', 'h2'])).toMatch(/alert no application protocol/);
  });

  it('asks nobody for a certificate', async () => {
    expect(await sClient(port, [])).toContain('No client certificate CA names sent');
    expect(await health(port, files(await strangers.issue(`unasked-${kind}`)))).toBe(200);
  });
});

describe.runIf(CERTIFIES)('client_auth', () => {
  const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

  async function everyClient(port: number | undefined): Promise<unknown[]> {
    const clients = {
      none: {},
      valid: files(await authority.issue('client')),
      expired: files(await authority.issue('late', { expired: true })),
      'of another authority': files(await strangers.issue('stranger')),
    };
    const all = Object.entries(clients).flatMap(([who, options]) =>
      VERSIONS.map(async (version) => [
        who,
        await health(port, { ...options, minVersion: version, maxVersion: version }),
      ]),
    );
    const seen = await Promise.all(all);
    // The same by each version.
    return seen.filter((_, i) => i % 2 === 0 || String(seen[i]) !== String(seen[i - 1]));
  }

  it('require serves nobody without a valid certificate, but for the management port', async () => {
    const managementPort = await freePort();
    const proxy = await proxyWith(await authority.issue('requiring'), {
      TLS_CLIENT_AUTH: 'require',
      MANAGEMENT_PORT: String(managementPort),
    });
    const valid = files(await authority.issue('first'));
    const ca = readFileSync(authority.certificate);
    const answer = await secureGet(`https://127.0.0.1:${proxy.port}/x`, {
      ca,
      ...valid,
      headers: { 'X-Kafka-Timeout': '0.1' },
    });
    expect(answer.status).toBeGreaterThanOrEqual(500);
    const refused = secureGet(`https://127.0.0.1:${proxy.port}/x`, { ca });
    await expect(refused).rejects.toThrow();
    expect(await health(managementPort)).toBe(200);
    expect(await sClient(managementPort, [])).toContain('No client certificate CA names sent');
    expect(await proxy.metric('proxy_tls_handshake_failures_total', { reason: 'client_certificate' })).toBe(1);
  });

  it('require, on a port that is for all', async () => {
    const { port } = await proxyWith(await authority.issue('all'), { TLS_CLIENT_AUTH: 'require' });
    expect(await everyClient(port)).toEqual([
      ['none', 'refused'],
      ['valid', 200],
      ['expired', 'refused'],
      ['of another authority', 'refused'],
    ]);
  });

  it('request serves all, and asks each', async () => {
    const proxy = await proxyWith(await authority.issue('requesting'), { TLS_CLIENT_AUTH: 'request' });
    expect(await everyClient(proxy.port)).toEqual([
      ['none', 200],
      ['valid', 200],
      ['expired', 200],
      ['of another authority', 200],
    ]);
    expect(await sClient(proxy.port as number, [])).toContain('CN = own');
  });
});

describe.runIf(CERTIFIES)('min_version: TLSv1.3', () => {
  it('refuses TLS 1.2', async () => {
    const { port } = await proxyWith(await authority.issue('modern'), { TLS_MIN_VERSION: 'TLSv1.3' });
    expect(await sClient(port as number, ['-brief', '-tls1_2'])).toMatch(/alert protocol version/);
    expect(await health(port)).toBe(200);
  });
});
