import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, runProgram } from '@kafka-http-proxy/testkit';

/** A backend that takes next to none of the machine's time. */
export interface FastBackend {
  readonly origin: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** True where nginx is installed. */
export async function hasNginx(): Promise<boolean> {
  return await runProgram('nginx', ['-v']).then(
    ({ code }) => code === 0,
    () => false,
  );
}

/**
 * nginx that answers `/small` with two bytes, and `/bytes/N`, by any method, with N of them.
 *
 * @param sizes the N that there are
 * @throws {Error} when nginx does not start
 */
export async function startNginxBackend(sizes: readonly number[]): Promise<FastBackend> {
  const dir = await mkdtemp(join(tmpdir(), 'khp-bench-nginx-'));
  const port = await freePort();
  await mkdir(join(dir, 'bytes'));
  for (const size of sizes) await writeFile(join(dir, 'bytes', String(size)), Buffer.alloc(size, 'x'));
  const file = join(dir, 'nginx.conf');
  await writeFile(file, configuration(dir, port));
  const child = spawn('nginx', ['-p', dir, '-c', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  const origin = `http://127.0.0.1:${port}`;
  for (let answered = false; !answered; ) {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
    answered = await fetch(`${origin}/small`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (!answered) await sleep(20);
  }
  return {
    origin,
    pid: child.pid ?? -1,
    async stop() {
      child.kill('SIGQUIT');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** One process, whose usage is that of the backend; connections are never given up by it. */
const configuration = (dir: string, port: number) => `
daemon off;
master_process off;
pid ${dir}/pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_max_body_size 0;
  client_body_buffer_size 1m;
  default_type text/plain;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${dir};
    location /small { return 200 "ok"; }
    location /bytes/ { error_page 405 =200 $uri; }
  }
}
`;
