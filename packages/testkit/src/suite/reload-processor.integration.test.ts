import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { echo, type Received, type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { createAuthority } from '../kafka/certificates.js';
import { hasProgram } from '../machine/has-program.js';
import { freePort } from '../machine/ports.js';
import { brokerEnv } from '../services/bridge.js';
import { type ServiceProcess, startService } from '../services/service-process.js';
import { type ConfigStatus, statusOf, refused as whenRefused, taken as whenTaken } from './reload-status.js';
import { logged } from './security-services.js';

/** A change is found at once by the signal; a group may take some seconds to answer. */
const SOON = { timeout: 40_000, interval: 20 };

const CERTIFIES = hasProgram('openssl') || inject('broker').kind === 'kafka';
const run = `r${randomBytes(4).toString('hex')}`;
let dir: string;
let proxy: ServiceProcess;
let processor: ServiceProcess;
let first: ScriptedBackend;
let second: ScriptedBackend;
/** Answers what stalls. */
const stalled: (() => void)[] = [];
const answer: ScriptedBackend['answer'] = (request, response, incoming) => {
  if (request.target.endsWith('/stall')) stalled.push(() => echo(request, response, incoming));
  else echo(request, response, incoming);
};

interface Topic {
  readonly request_topic: string;
  readonly [key: string]: unknown;
}

const topic = (name: string, change: object = {}): Topic => ({
  request_topic: `${run}-${name}`,
  response_topic: `${run}-responses`,
  backend_url: first.url,
  ...change,
});
const write = (topics: readonly Topic[], more: object = {}) =>
  writeFile(join(dir, 'processor.yaml'), JSON.stringify({ topics, ...more }, undefined, 2));

interface Status extends ConfigStatus {
  readonly topics: Readonly<Record<string, { readonly partitions: number[]; readonly backend_url: string }>>;
}
const status = () => statusOf<Status>(processor);
const taken = (change: () => Promise<unknown>) => whenTaken<Status>(processor, change);
const refused = (change: () => Promise<unknown>, reason: RegExp) => whenRefused(processor, change, reason);

const send = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${proxy.port}${path}`, init);

/** Sends to `/a` and `/s` without a pause; each request has a target of its own. */
function load() {
  const answered = new Map<string, string>();
  let isOver = false;
  const client = async (name: string, path: string, method: string) => {
    for (let i = 0; !isOver; i++) {
      const target = `${path}/${name}/${i}`;
      const outcome = await send(target, { method, ...(method === 'POST' && { body: 'x' }) }).then(
        async (response) => `${response.status} ${await response.text()}`,
        (error: Error) => error.message,
      );
      answered.set(`${method} ${target}`, outcome);
    }
  };
  const all = Promise.all([
    client('1', '/a', 'GET'),
    client('2', '/a', 'POST'),
    client('3', '/a', 'POST'),
    client('4', '/kept', 'POST'),
  ]);
  const until = (more: number) => {
    const count = answered.size + more;
    return vi.waitFor(() => expect(answered.size).toBeGreaterThan(count), SOON);
  };
  return {
    until,
    async end() {
      isOver = true;
      await all;
      return answered;
    },
  };
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'khp-reload-'));
  first = await startBackend(answer);
  second = await startBackend(answer);
  const routes = ['a', 'b', 'c', 'tls', 'kept'].map((name) => ({
    path: `/${name}`,
    request_topic: `${run}-${name}`,
    response_topic: `${run}-responses`,
  }));
  await writeFile(join(dir, 'proxy.yaml'), JSON.stringify({ routes, default_timeout: 60, max_timeout: 60 }));
  await write([topic('a'), topic('c'), topic('kept')]);
  const env = { ...brokerEnv(inject('broker')), CONTROL_TOPIC: `${run}-control`, STREAM_WINDOW: '1048576' };
  const [proxyPort, processorPort] = [await freePort(), await freePort()];
  proxy = await startService('proxy', {
    env: { ...env, PROXY_PORT: '0', MANAGEMENT_PORT: String(proxyPort), DEFAULT_REQUEST_TOPIC: 'none' },
    args: ['--config', join(dir, 'proxy.yaml')],
  });
  processor = await startService('processor', {
    env: { ...env, MANAGEMENT_PORT: String(processorPort) },
    args: ['--config', join(dir, 'processor.yaml')],
    managementPort: processorPort,
  });
  await Promise.all([proxy.ready(), processor.ready()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([proxy?.stop(), processor?.stop()]);
  await Promise.all([first?.close(), second?.close()]);
  await rm(dir, { recursive: true });
});

describe('a processor under load', { timeout: 90_000 }, () => {
  let clients: ReturnType<typeof load>;
  beforeAll(() => {
    clients = load();
  });
  const moved = () => topic('a', { backend_url: second.url });

  it('sends nothing more to a backend that was moved, once that is said to be taken; what runs there is answered', async () => {
    const running = send('/a/stall');
    await vi.waitFor(() => expect(stalled).toHaveLength(1), SOON);
    await clients.until(20);
    await taken(() => write([moved(), topic('c'), topic('kept')]));
    const ofA = ({ target }: Received) => target.startsWith('/a');
    await clients.until(20); // What had left before may still be on its way to the backend.
    const atOld = first.received.filter(ofA).length;
    await clients.until(50);
    expect(first.received.filter(ofA)).toHaveLength(atOld);
    expect(second.received.length).toBeGreaterThan(0);
    stalled.shift()?.();
    expect((await running).status).toBe(200);
  });

  it('goes by other timeouts and tries', async () => {
    await taken(() => write([{ ...moved(), timeout: 1, max_retries: 2 }, topic('c'), topic('kept')]));
    const late = await send('/a/stall');
    expect([late.status, ((await late.json()) as { code: string }).code]).toEqual([504, 'backend_timeout']);
    expect(second.received.filter(({ target }) => target === '/a/stall')).toHaveLength(2);
    await taken(() => write([moved(), topic('c'), topic('kept')]));
    stalled.length = 0;
  });

  it('reads a topic more', async () => {
    const waiting = send('/b/1', { method: 'POST', body: 'x' });
    const now = await taken(() => write([moved(), topic('b'), topic('c'), topic('kept')]));
    expect(now.topics[`${run}-b`]?.partitions.length).toBeGreaterThan(0);
    expect((await waiting).status).toBe(200);
  });

  it('gives a topic up when what runs of it is answered, and finds the rest when it reads it again', async () => {
    const running = send('/c/stall');
    await vi.waitFor(() => expect(stalled).toHaveLength(1), SOON);
    const given = taken(() => write([moved(), topic('b'), topic('kept')]));
    await vi.waitFor(() => expect(logged(processor, 'info')).toContain('partitions go'), SOON);
    stalled.shift()?.();
    const now = await given;
    expect((await running).status).toBe(200);
    expect(Object.keys(now.topics)).toEqual(['a', 'b', 'kept'].map((name) => `${run}-${name}`));
    expect(await processor.metric('processor_messages_total', { topic: `${run}-c` })).toBe(0);
    const left = send('/c/left', { method: 'POST', body: 'x' });
    await clients.until(20);
    await taken(() => write([moved(), topic('b'), topic('c'), topic('kept')]));
    expect((await left).status).toBe(200);
    expect(first.received.filter(({ target }) => target === '/c/left')).toHaveLength(1);
  });

  it.runIf(CERTIFIES)('trusts the authorities that are in the file now', async () => {
    const [old, next] = await Promise.all([createAuthority(dir, 'old'), createAuthority(dir, 'next')]);
    const issued = { old: await old.issue('backend'), next: await next.issue('backend') };
    const pem = async (of: keyof typeof issued) => ({
      cert: await readFile(issued[of].certificate),
      key: await readFile(issued[of].key),
    });
    const server: Server = createServer(await pem('old'), (_request, response) => response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const ca = join(dir, 'ca.pem');
    await copyFile(old.certificate, ca);
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const all = [moved(), topic('b'), topic('kept'), topic('tls', { backend_url: url, tls: { ca }, max_retries: 1 })];
    await taken(() => write(all));
    expect((await send('/tls')).status).toBe(200);
    // A file that is being written, and one that names nobody.
    await refused(() => writeFile(ca, '-----BEGIN CERTIFICATE-----\nMIIB'), /tls of topic/);
    expect((await send('/tls')).status).toBe(200);
    const both = await Promise.all([old, next].map(({ certificate }) => readFile(certificate, 'utf8')));
    await taken(() => writeFile(ca, both.join('')));
    server.setSecureContext(await pem('next'));
    server.closeIdleConnections();
    expect((await send('/tls')).status).toBe(200);
    await taken(() => copyFile(next.certificate, ca));
    expect((await send('/tls')).status).toBe(200);
    server.setSecureContext(await pem('old'));
    await taken(() => writeFile(ca, `${both[1]}\n`));
    expect((await send('/tls')).status).toBe(502);
    await taken(() => write([moved(), topic('b'), topic('kept')]));
    server.close();
    server.closeAllConnections();
  });

  it('refuses a file that is broken, or changes the group of a topic, and serves on by what was', async () => {
    const before = await status();
    await refused(() => write([{ ...moved(), timout: 1 }]), /did you mean "timeout"\?/);
    const regrouped = { ...moved(), consumer_group: 'other' };
    await refused(() => write([regrouped, topic('b'), topic('kept')]), /topics\[0\]\.consumer_group: .* restart/);
    expect((await status()).config_hash).toBe(before.config_hash);
    expect((await send('/b/2')).status).toBe(200);
    await taken(() => write([moved(), topic('b'), topic('kept')], { max_concurrent_requests: 7 }));
  });

  it('failed no request meanwhile, and sent each to a backend once', async () => {
    const answered = await clients.end();
    expect([...new Set(answered.values())].sort((a, b) => a.length - b.length)).toEqual(['200 ', '200 x']);
    const seen = new Map<string, number>();
    for (const { method, target } of [...first.received, ...second.received]) {
      const one = `${method} ${target}`;
      seen.set(one, (seen.get(one) ?? 0) + 1);
    }
    expect([...answered.keys()].filter((one) => seen.get(one) !== 1)).toEqual([]);
    expect(answered.size).toBeGreaterThan(200);
  });
});
