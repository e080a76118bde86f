import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { goTool } from '../machine/go-tool.js';
import { freePort } from '../machine/ports.js';

/** A network between clients and one server, that can be broken: github.com/Shopify/toxiproxy. */
export interface Toxiproxy {
  /** Refuses connections and ends those there are, until called with false. */
  cut(off: boolean): Promise<void>;
  /** Bytes disappear both ways while connections stay open, until {@link heal}. */
  swallow(): Promise<void>;
  /** Bytes come later, both ways, until {@link heal}: ms, more or less by `jitterMs`. */
  delay(ms: number, jitterMs: number): Promise<void>;
  /** Resets each connection there is, and each that is made until {@link heal}. */
  reset(): Promise<void>;
  heal(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts toxiproxy, built by Go on first use. @throws Error when Go is missing, with what to do */
export async function startToxiproxy(listen: string, upstream: string): Promise<Toxiproxy> {
  const server = await goTool('toxiproxy', 'github.com/Shopify/toxiproxy/v2/cmd/server', 'v2.12.0');
  const port = await freePort();
  const child = spawn(server, ['-host', '127.0.0.1', '-port', String(port)], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`toxiproxy: ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  for (let up = false; !up; ) {
    up = await call('GET', '/version').then(
      () => true,
      () => false,
    );
    if (child.exitCode !== null) throw new Error(`toxiproxy ended with ${child.exitCode}`);
    if (!up) await sleep(20);
  }
  await call('POST', '/proxies', { name: 'link', listen, upstream, enabled: true });
  const poison = async (type: string, attributes: object): Promise<void> => {
    for (const stream of ['upstream', 'downstream']) {
      await call('POST', '/proxies/link/toxics', { type, stream, attributes });
    }
  };
  return {
    async cut(off) {
      await call('POST', '/proxies/link', { enabled: !off });
    },
    // A timeout of 0 never ends the connection.
    swallow: () => poison('timeout', { timeout: 0 }),
    delay: (latency, jitter) => poison('latency', { latency, jitter }),
    reset: () => poison('reset_peer', { timeout: 0 }),
    async heal() {
      const toxics = (await call('GET', '/proxies/link/toxics')) as { name: string }[];
      for (const { name } of toxics) await call('DELETE', `/proxies/link/toxics/${name}`);
    },
    async stop() {
      child.kill();
      await exited;
    },
  };
}
