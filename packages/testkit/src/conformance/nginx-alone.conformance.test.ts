import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { type Authority, createAuthority, type Issued } from '../kafka/certificates.js';
import { freePort } from '../machine/ports.js';
import { type Bridge, brokerEnv, startBridge } from '../services/bridge.js';
import { type Nginx, startNginx } from '../services/nginx.js';
import { type ServiceProcess, startService } from '../services/service-process.js';
import { snippet } from '../suite/security-guide.js';

/* A proxy that takes connections of nginx alone, which proves itself by a certificate: as docs/security.md shows it. */

describe('nginx and a proxy that speaks to nobody else', () => {
  let dir: string;
  let proxies: Authority;
  let own: Authority;
  let backend: ScriptedBackend;
  let bridge: Bridge;
  let proxy: ServiceProcess;
  let nginx: Nginx | undefined;

  /** Asks the proxy itself. @returns the status, or the code of the failure */
  const knock = async (client: Issued | null) => {
    const [ca, cert, key] = await Promise.all(
      [proxies.certificate, client?.certificate, client?.key].map((file) => file && readFile(file)),
    );
    return await new Promise<number | string | undefined>((resolve) => {
      const options = { host: '127.0.0.1', port: proxy.port, ca, ...(cert && key && { cert, key }), agent: false };
      request(options, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode));
      })
        .once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
        .end();
    });
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'khp-nginx-alone-'));
    [proxies, own, backend] = await Promise.all([
      createAuthority(dir, 'proxies'),
      createAuthority(dir, 'nginx'),
      startBackend(),
    ]);
    const [server, client] = await Promise.all([proxies.issue('proxy.internal'), own.issue('nginx')]);
    bridge = await startBridge({ broker: inject('broker'), backendUrl: backend.url });
    const config = join(dir, 'proxy.yaml');
    await writeFile(
      config,
      snippet('yaml', 'nginx-alone')
        .replace('/tls/tls.crt', server.certificate)
        .replace('/tls/tls.key', server.key)
        .replace('/tls/nginx-ca.pem', own.certificate)
        .replace('8081', String(await freePort())),
    );
    proxy = await startService('proxy', {
      env: {
        ...brokerEnv(inject('broker')),
        PROXY_PORT: '0',
        DEFAULT_REQUEST_TOPIC: bridge.requestTopic,
        DEFAULT_RESPONSE_TOPIC: bridge.responseTopic,
        CONTROL_TOPIC: bridge.controlTopic,
        WARMUP_TOPICS: bridge.responseTopic,
      },
      args: ['--config', config],
      ca: proxies.certificate,
    });
    await proxy.ready();
    const lines = snippet('nginx', 'nginx-alone')
      .replace('/etc/nginx/own.pem', client.certificate)
      .replace('/etc/nginx/own.key', client.key)
      .replace('/etc/nginx/proxies-ca.pem', proxies.certificate);
    nginx = await startNginx([proxy.port ?? 0], {
      edit: (conf) => conf.replace('proxy_pass http://proxies;', lines),
    });
  }, 120_000);

  afterAll(async () => {
    await nginx?.stop();
    await proxy?.stop();
    await bridge?.close();
    await backend?.close();
    if (dir) await rm(dir, { recursive: true });
  });

  it('serves who comes through nginx, small bodies and long ones', async () => {
    for (const body of ['hello', Buffer.alloc(2_500_000, 'x')]) {
      const answer = await rawExchange(nginx?.port ?? 0, requestBytes('PUT', '/', [], body));
      expect(answer.statusLine).toBe('HTTP/1.1 200 OK');
      expect(backend.received.at(-1)?.body.equals(Buffer.from(body))).toBe(true);
    }
  });

  it('has no ear for anybody else', async () => {
    const before = backend.received.length;
    expect(await knock(null)).toMatch(/^(?:ECONNRESET|EPIPE|ERR_SSL_.*)$/);
    // Also not with a certificate of the authority that the proxy has its own from.
    expect(await knock(await proxies.issue('nginx'))).toMatch(/^(?:ECONNRESET|EPIPE|ERR_SSL_.*)$/);
    expect(await knock(await own.issue('nginx', { expired: true }))).toMatch(/^(?:ECONNRESET|EPIPE|ERR_SSL_.*)$/);
    expect(backend.received).toHaveLength(before);
    expect(await knock(await own.issue('nginx'))).toBe(200);
  });
});
