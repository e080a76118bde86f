import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { echo, type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { type SecureAnswer, secureGet } from '../http/secure-get.js';
import { type Authority, createAuthority, type Issued } from '../kafka/certificates.js';
import { hasProgram } from '../machine/has-program.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import type { ServiceProcess } from '../services/service-process.js';

/** Certificates are made by openssl, which the README's test command does without; CI has it. */
const CERTIFIES = hasProgram('openssl');
/** A change is found within two seconds. */
const SOON = { timeout: 20_000, interval: 50 };

let dir: string;
let authority: Authority;
let backend: ScriptedBackend;
let bridge: Bridge;
let proxy: ServiceProcess;
let ca: Buffer;
const at = (name: string) => join(dir, name);
const install = async ({ certificate, key }: Issued) => {
  await copyFile(certificate, at('tls.crt'));
  await copyFile(key, at('tls.key'));
};
beforeAll(async () => {
  if (!CERTIFIES) return;
  dir = await mkdtemp(join(tmpdir(), 'khp-tls-life-'));
  authority = await createAuthority(dir, 'own');
  ca = readFileSync(authority.certificate);
  await install(await authority.issue('first'));
  backend = await startBackend(echo);
  bridge = await startBridge({
    broker: inject('broker'),
    backendUrl: backend.url,
    both: { TLS_CERT: at('tls.crt'), TLS_KEY: at('tls.key') },
    ca: authority.certificate,
  });
  proxy = bridge.proxies[0] as ServiceProcess;
}, 60_000);
afterAll(async () => {
  if (!CERTIFIES) return;
  await bridge.close();
  await backend.close();
  await rm(dir, { recursive: true });
});

const get = (path: string, agent?: Agent) =>
  secureGet(`${bridge.origin}${path}`, { ca, ...(agent !== undefined && { agent }) });

describe.runIf(CERTIFIES)('both tiers over TLS', () => {
  it('say https to the backend, unless somebody before them said what it was', async () => {
    expect((await get('/proto')).status).toBe(200);
    const headers = { 'X-Forwarded-Proto': 'http' };
    await secureGet(`${bridge.origin}/told`, { ca, headers });
    const proto = (path: string) => {
      const fields = backend.received.find(({ target }) => target === path)?.rawHeaders ?? [];
      return fields[fields.findIndex((name) => name.toLowerCase() === 'x-forwarded-proto') + 1];
    };
    expect([proto('/proto'), proto('/told')]).toEqual(['https', 'http']);
  });

  it('have their management ports speak it', async () => {
    const { managementPort } = bridge.processor;
    expect((await secureGet(`https://127.0.0.1:${managementPort}/status`, { ca })).status).toBe(200);
    const plain = await fetch(`http://127.0.0.1:${managementPort}/health`);
    expect([plain.status, await plain.text()]).toEqual([400, expect.stringContaining('speaks HTTPS')]);
    const ends = (tier: string, of: ServiceProcess) => of.metric(`${tier}_tls_certificate_expiry_timestamp_seconds`);
    const soon = Date.now() / 1000;
    for (const seconds of [await ends('proxy', proxy), await ends('processor', bridge.processor)]) {
      expect(seconds).toBeGreaterThan(soon + 86_400);
      expect(seconds).toBeLessThan(soon + 2 * 86_400 + 60);
    }
    expect(proxy.log.map(({ msg }) => String(msg)).filter((line) => line.includes('expires on'))).toHaveLength(1);
  });

  it('take another certificate without a request that fails, and refuse one that is none', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const answers: SecureAnswer[] = [];
    const failed: unknown[] = [];
    let isOver = false;
    const client = async (name: string, kept?: Agent) => {
      for (let i = 0; !isOver; i++) {
        await get(`/${name}/${i}`, kept).then(
          (answer) => answers.push(answer),
          (error: unknown) => failed.push(error),
        );
      }
    };
    const stays = connectTls({ port: proxy.port as number, host: '127.0.0.1', ca });
    await once(stays, 'secureConnect');
    const clients = [client('kept', agent), client('kept2', agent), client('new'), client('new2')];
    const servers = () => new Set(answers.slice(-8).map(({ server }) => server));
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(20), SOON);
    await install(await authority.issue('second'));
    proxy.child.kill('SIGHUP');
    await vi.waitFor(() => expect(servers()).toContain('second'), SOON);
    // The processor found it by itself.
    const { managementPort } = bridge.processor;
    await vi.waitFor(async () => {
      expect((await secureGet(`https://127.0.0.1:${managementPort}/health`, { ca })).server).toBe('second');
    }, SOON);

    const before = answers.length;
    await writeFile(at('tls.key'), readFileSync((await authority.issue('stray')).key));
    proxy.child.kill('SIGHUP');
    const refused = () => proxy.log.map(({ msg }) => String(msg)).join('\n');
    await vi.waitFor(
      () => expect(refused()).toMatch(/tls\.key.* is not the key of the certificate in .*CN=second/),
      SOON,
    );
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(before + 20), SOON);
    expect(servers()).toContain('second');
    await install(await authority.issue('third'));
    await vi.waitFor(() => expect(servers()).toContain('third'), SOON);
    isOver = true;
    await Promise.all(clients);
    agent.destroy();
    expect(failed).toEqual([]);
    expect([...new Set(answers.map(({ status }) => status))]).toEqual([200]);
    stays.write('GET /stays HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    expect(String((await once(stays, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 /);
    expect(stays.getPeerX509Certificate()?.subject).toBe('CN=first');
    stays.destroy();
  }, 60_000);

  it('serve others while a thousand clients never end their handshake', async () => {
    const absent: Socket[] = [];
    for (let i = 0; i < 1000; i++) {
      const socket = connect(proxy.port as number, '127.0.0.1');
      socket.on('error', () => undefined);
      // Half of them say how a handshake begins.
      if (i % 2 === 0) socket.write(Buffer.from([22, 3, 1, 1, 0, 1]));
      absent.push(socket);
    }
    await Promise.all(absent.map((socket) => socket.readyState === 'open' || once(socket, 'connect')));
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => get(`/beside/${i}`)));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(performance.now() - began).toBeLessThan(10_000);
    await vi.waitFor(() => expect(absent.every((socket) => socket.destroyed)).toBe(true), {
      timeout: 25_000,
      interval: 100,
    });
    const reason = (name: string) => proxy.metric('proxy_tls_handshake_failures_total', { reason: name });
    expect((await reason('timeout')) + (await reason('crowded'))).toBe(1000);
  }, 60_000);

  it('answer all that they took before they stop', async () => {
    const other = await bridge.startProxy();
    const late: (() => void)[] = [];
    backend.answer = (...request) => void late.push(() => echo(...request));
    const origin = `https://127.0.0.1:${other.port}`;
    const agent = new Agent({ keepAlive: true });
    const waiting = Array.from({ length: 10 }, (_, i) =>
      secureGet(`${origin}/late/${i}`, { ca, ...(i % 2 === 0 && { agent }) }),
    );
    await vi.waitFor(() => expect(late).toHaveLength(10), SOON);
    const absent = connect(other.port as number, '127.0.0.1');
    await once(absent, 'connect');
    const stopped = other.stop();
    await once(absent, 'close');
    for (const answer of late) answer();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(await stopped).toBe(0);
  }, 60_000);
});
