import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { freePort } from '../machine/ports.js';
import { mustRun } from '../machine/program.js';
import { repositoryPath } from './service-process.js';

/** nginx in front of proxies. */
export interface Nginx {
  readonly port: number;
  /** Ends it when what it serves has ended. */
  stop(): Promise<void>;
}

export interface NginxOptions {
  /** With docker/nginx/auth-request beside it, which asks the oauth2-proxy on this port. */
  readonly oauth2ProxyPort?: number;
  /** Changes nginx.conf, as somebody does who follows the documentation. */
  readonly edit?: (conf: string) => string;
}

/**
 * Starts nginx on docker/nginx/nginx.conf as it stands there: only the addresses and the directory for
 * temporary files are this machine's. Resolves when it answers, whatever is behind it.
 *
 * @throws Error when nginx is not installed, or refuses the configuration
 */
export async function startNginx(proxyPorts: readonly number[], options: NginxOptions = {}): Promise<Nginx> {
  const { oauth2ProxyPort, edit = (text) => text } = options;
  const dir = await mkdtemp(join(tmpdir(), 'khp-nginx-'));
  const port = await freePort();
  const template = await readFile(repositoryPath('docker/nginx/nginx.conf'), 'utf8');
  const upstream = await readFile(repositoryPath('docker/nginx/upstream.conf'), 'utf8');
  const conf = join(dir, 'nginx.conf');
  await writeFile(
    conf,
    edit(
      template
        .replaceAll('/tmp', dir)
        .replace('/dev/stdout', join(dir, 'access.log'))
        .replace('listen 8080;', `listen 127.0.0.1:${port};`)
        .replace('127.0.0.1:8082', `127.0.0.1:${await freePort()}`),
    ),
  );
  await writeFile(join(dir, 'upstream.conf'), withServers(upstream, proxyPorts));
  if (oauth2ProxyPort !== undefined) {
    await cp(repositoryPath('docker/nginx/auth-request'), join(dir, 'auth-request'), { recursive: true });
    const file = join(dir, 'auth-request/http.conf');
    const http = await readFile(file, 'utf8');
    await writeFile(file, http.replace('oauth2-proxy:4180', `127.0.0.1:${oauth2ProxyPort}`));
  }
  await mustRun('nginx', ['-t', '-p', dir, '-c', conf]);
  const child = spawn('nginx', ['-p', dir, '-c', conf, '-g', 'daemon off;'], {
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  for (let answered = false; !answered; ) {
    answered = await rawExchange(port, requestBytes('GET', '/')).then(
      () => true,
      () => false,
    );
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    if (!answered) await sleep(20);
  }
  return {
    port,
    async stop() {
      child.kill('SIGQUIT');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The servers of upstream.conf, each with the settings of the first one there. */
function withServers(upstream: string, ports: readonly number[]): string {
  const [server] = upstream.match(/^server .*;$/m) ?? [];
  if (server === undefined) throw new Error('docker/nginx/upstream.conf has no server');
  return ports.map((port) => `${server.replace(/proxy-\d+:\d+/, `127.0.0.1:${port}`)}\n`).join('');
}
