import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenIdProvider } from '../identity/openid-provider.js';
import { goTool } from '../machine/go-tool.js';
import { freePort } from '../machine/ports.js';
import { repositoryPath } from '../services/service-process.js';

/** oauth2-proxy, which tells nginx who asks. */
export interface Oauth2Proxy {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts oauth2-proxy on docker/oauth2-proxy/oauth2-proxy.cfg as it stands there, built by Go on first use. What a
 * test has otherwise are addresses, and no TLS: cookies go without. Resolves when it is ready.
 *
 * @throws Error when Go is missing, or with what it printed
 */
export async function startOauth2Proxy(provider: OpenIdProvider): Promise<Oauth2Proxy> {
  const program = await goTool('oauth2-proxy', 'github.com/oauth2-proxy/oauth2-proxy/v7', 'v7.15.6');
  const dir = await mkdtemp(join(tmpdir(), 'khp-oauth2-proxy-'));
  const secrets = { client: join(dir, 'client-secret'), cookie: join(dir, 'cookie-secret') };
  await writeFile(secrets.client, provider.clientSecret);
  await writeFile(secrets.cookie, '0123456789abcdef0123456789abcdef');
  const port = await freePort();
  const child = spawn(program, ['--config', repositoryPath('docker/oauth2-proxy/oauth2-proxy.cfg')], {
    env: {
      OAUTH2_PROXY_OIDC_ISSUER_URL: provider.url,
      OAUTH2_PROXY_CLIENT_ID: provider.clientId,
      OAUTH2_PROXY_CLIENT_SECRET_FILE: secrets.client,
      OAUTH2_PROXY_COOKIE_SECRET_FILE: secrets.cookie,
      OAUTH2_PROXY_COOKIE_SECURE: 'false',
      OAUTH2_PROXY_HTTP_ADDRESS: `127.0.0.1:${port}`,
      OAUTH2_PROXY_TRUSTED_PROXY_IPS: '127.0.0.1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
    });
  }
  for (let ready = false; !ready; ) {
    ready = await fetch(`http://127.0.0.1:${port}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (child.exitCode !== null) throw new Error(`oauth2-proxy ended with ${child.exitCode}:\n${output}`);
    if (!ready) await sleep(20);
  }
  return {
    port,
    async stop() {
      child.kill();
      await exited;
      await rm(dir, { recursive: true });
    },
  };
}
