import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { echo, type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { freePort } from '../machine/ports.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import type { ServiceProcess } from '../services/service-process.js';
import { type ConfigStatus, statusOf } from './reload-status.js';
import { logged } from './security-services.js';

/** A change is found within two seconds; then the topics are made and opened. */
const SOON = { timeout: 30_000, interval: 20 };

let bridge: Bridge;
let backend: ScriptedBackend;
let proxy: ServiceProcess;
let dir: string;
let config: string;
/** Answers what stalls. */
const stalled: (() => void)[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'khp-reload-'));
  config = join(dir, 'proxy.yaml');
  backend = await startBackend((request, response, incoming) => {
    if (request.target.endsWith('/stall')) stalled.push(() => echo(request, response, incoming));
    else echo(request, response, incoming);
  });
  bridge = await startBridge({ broker: inject('broker'), backendUrl: backend.url });
  await write(START());
  proxy = await bridge.startProxy({
    CONFIG_SOURCE: 'yaml',
    CONFIG_PATH: config,
    DEFAULT_REQUEST_TOPIC: 'none',
    MANAGEMENT_PORT: String(await freePort()),
  });
}, 60_000);
afterAll(async () => {
  await bridge?.close();
  await backend?.close();
  await rm(dir, { recursive: true });
});

interface Status extends ConfigStatus {
  readonly response_topics: Readonly<Record<string, number | string>>;
}

const first = () => ({ path: '/a', request_topic: bridge.requestTopic, response_topic: bridge.responseTopic });
const START = () => ({ default_timeout: 20, max_body_size: 1000, routes: [first()] });
const write = (values: object | string) =>
  writeFile(config, typeof values === 'string' ? values : JSON.stringify(values, undefined, 2));
const send = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${proxy.port}${path}`, init);
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
const status = () => statusOf<Status>(proxy);
const untilTaken = async (before: Status) =>
  await vi.waitFor(async () => {
    const now = await status();
    expect(now.config_hash).not.toBe(before.config_hash);
    return now;
  }, SOON);
const untilRefused = async () =>
  await vi.waitFor(async () => {
    const now = await status();
    expect(now.config_error).not.toBeNull();
    return now;
  }, SOON);

/** Sends without a pause until it is ended; then tells what was answered, by status. */
function load(): () => Promise<Record<string, number>> {
  const answered: Record<string, number> = {};
  let isOver = false;
  const client = async (init: () => RequestInit) => {
    while (!isOver) {
      const outcome = await send('/a/load', init()).then(
        async (answer) => `${answer.status} ${await answer.text()}`,
        (error: Error) => error.message,
      );
      answered[outcome] = (answered[outcome] ?? 0) + 1;
    }
  };
  const clients = [
    () => ({}),
    () => ({}),
    () => ({ method: 'POST', body: 'x' }),
    () => ({ method: 'POST', body: 'x' }),
  ];
  const all = Promise.all(clients.map(client));
  return async () => {
    isOver = true;
    await all;
    return answered;
  };
}

it('a proxy without a management port says nothing of its configuration: /status is the backend’s', async () => {
  const answer = await fetch(`${bridge.origin}/status`);
  expect([answer.status, answer.headers.get('x-target')]).toEqual([200, '/status']);
});

describe('a proxy under load', () => {
  let end: () => Promise<Record<string, number>>;
  beforeAll(() => {
    end = load();
  });

  it('takes a new route, with topics that were not there', { timeout: 60_000 }, async () => {
    const before = await status();
    expect(await codeOf(await send('/b'))).toEqual([404, 'no_route']);
    const second = {
      path: '/b',
      request_topic: `${bridge.requestTopic}-b`,
      response_topic: `${bridge.responseTopic}-b`,
    };
    await write({ ...START(), routes: [first(), second] });
    const after = await untilTaken(before);
    expect(after.config_error).toBeNull();
    expect(Object.keys(after.response_topics)).toContain(second.response_topic);
    // What was written is read a little later than /status answers.
    await expect
      .poll(() => logged(proxy, 'info').at(-1), { timeout: 20_000 })
      .toBe('the changed configuration is in effect: routes');
    await bridge.startProcessor({ KAFKA_TOPICS: `b:${second.request_topic},${second.response_topic},${backend.url}` });
    expect((await send('/b/1')).status).toBe(200);
  });

  it('takes limits and timeouts at SIGHUP', async () => {
    const before = await status();
    expect((await send('/a', { method: 'POST', body: 'x'.repeat(500) })).status).toBe(200);
    await write({ ...START(), default_timeout: 1, max_body_size: 100 });
    proxy.child.kill('SIGHUP');
    await untilTaken(before);
    expect(await codeOf(await send('/a', { method: 'POST', body: 'x'.repeat(500) }))).toEqual([413, 'body_too_large']);
    // By whose clock first is the machine's affair.
    expect((await send('/a/stall')).status).toBe(504);
  });

  it('takes a route away, and answers who is still on it', { timeout: 60_000 }, async () => {
    const before = await status();
    const gone = { path: '/gone', request_topic: bridge.requestTopic, response_topic: `${bridge.responseTopic}-gone` };
    await write({ ...START(), routes: [first(), gone] });
    const with_ = await untilTaken(before);
    stalled.length = 0;
    const waiting = send('/gone/stall');
    await vi.waitFor(() => expect(stalled).toHaveLength(1), SOON);
    await write(START());
    const after = await untilTaken(with_);
    expect(after.config_hash).not.toBe(with_.config_hash);
    expect(await codeOf(await send('/gone/1'))).toEqual([404, 'no_route']);
    expect(Object.keys((await status()).response_topics)).toContain(gone.response_topic);
    stalled[0]?.();
    expect((await waiting).status).toBe(200);
    // Nobody waits for replies from there any more.
    await vi.waitFor(
      async () => expect(Object.keys((await status()).response_topics)).not.toContain(gone.response_topic),
      SOON,
    );
  });

  it('refuses a broken file, says where it is broken, and serves on by what was', async () => {
    const before = await status();
    await write('default_timeout: 20\nroutes:\n  - path: a\n    request_topc: x\n');
    const { config_error: error, ...rest } = await untilRefused();
    expect(error?.replaceAll(dir, '')).toBe(
      [
        '/proxy.yaml:3:5 routes[0].path: a path prefix that starts with / was expected, "a" was found',
        '/proxy.yaml:3:5 routes[0].request_topic: a topic name of 1 to 249 characters out of a-z A-Z 0-9 . _ - was expected, nothing was found',
        '/proxy.yaml:4:5 routes[0].request_topc: an unknown key; did you mean "request_topic"?',
      ].join('\n'),
    );
    expect(rest).toMatchObject({ config_hash: before.config_hash, config_loaded_at: before.config_loaded_at });
    await expect
      .poll(() => logged(proxy, 'error').map((line) => line.replaceAll(dir, '')), { timeout: 20_000 })
      .toContain(
        'the changed configuration is refused: /proxy.yaml:4:5 routes[0].request_topc: an unknown key; did you mean "request_topic"?',
      );
    expect((await send('/a/2')).status).toBe(200);
    expect(await proxy.metric('proxy_config_reloads_total', { result: 'refused' })).toBe(1);
  });

  it('refuses whole what needs a restart in part, and names it', async () => {
    await write({ ...START(), default_timeout: 1, wire: 'v1' });
    await vi.waitFor(async () => expect((await status()).config_error).toContain('restart'), SOON);
    const { config_error: error } = await status();
    expect(error?.split('\n').map((line) => line.replace(/^.*:\d+:\d+ /, ''))).toEqual([
      expect.stringMatching(/^wire: this can’t change while the process runs: restart it$/),
    ]);
    expect((await send('/a/3')).status).toBe(200);
  });

  it('takes it when it is mended', async () => {
    await write({ ...START(), default_timeout: 15 });
    await vi.waitFor(async () => expect((await status()).config_error).toBeNull(), SOON);
    expect(await proxy.metric('proxy_config_last_reload_successful')).toBe(1);
  });

  it('failed no request meanwhile', async () => {
    const answered = await end();
    expect(Object.keys(answered).sort((a, b) => a.length - b.length)).toEqual(['200 ', '200 x']);
    expect(Object.values(answered).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
  });
});
