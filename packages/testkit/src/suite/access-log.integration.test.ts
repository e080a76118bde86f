import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { RawClient } from '../http/raw-client.js';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { freePort } from '../machine/ports.js';
import { type Bridge, brokerEnv, startBridge } from '../services/bridge.js';
import { type ServiceProcess, startService } from '../services/service-process.js';

const broker = inject('broker');
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
let backend: ScriptedBackend;
let bridge: Bridge;
let clf: ServiceProcess;
let directory: string;

beforeAll(async () => {
  backend = await startBackend();
  bridge = await startBridge({ broker, backendUrl: backend.url, proxy: { ACCESS_LOG: 'json', SERVER_TIMING: 'true' } });
  directory = await mkdtemp(join(tmpdir(), 'khp-access-'));
  const port = await freePort();
  const env = {
    ...brokerEnv(broker),
    PROXY_PORT: String(port),
    DEFAULT_REQUEST_TOPIC: bridge.requestTopic,
    DEFAULT_RESPONSE_TOPIC: bridge.responseTopic,
    CONTROL_TOPIC: bridge.controlTopic,
  };
  const file = join(directory, 'proxy.yaml');
  await writeFile(file, 'access_log: combined\naccess_log_query: true\n');
  const args = ['--config', file];
  clf = await startService('proxy', { env, args, managementPort: port, logFile: join(directory, 'log') });
  await clf.ready();
});
afterAll(async () => {
  await clf?.stop();
  await bridge?.close();
  await backend?.close();
  if (directory) await rm(directory, { recursive: true });
});

/** The lines of the Common Log Format. */
const read = async () =>
  (await readFile(join(directory, 'log'), 'latin1')).split('\n').filter((line) => /^127\.0\.0\.1 /.test(line));

describe('a line of the access log', () => {
  it('joins what the client got, what the backend saw, and the trace', async () => {
    const port = bridge.proxies[0]?.port as number;
    const traceparent = `traceparent: 00-${TRACE}-00f067aa0ba902b7-01`;
    const { headerLines } = await rawExchange(port, requestBytes('GET', '/orders/42?token=s3cret', [traceparent]));
    const got = headerLines.find((line) => line.startsWith('X-Request-ID: '))?.slice(14);
    expect(got).toMatch(/^[\w-]{21}$/);
    expect(backend.received.at(-1)?.rawHeaders).toContain(got);
    expect(headerLines).toContainEqual(
      expect.stringMatching(/^Server-Timing: (?:kafka;dur=\d+, )?queue;dur=\d+, backend;dur=\d+, total;dur=[\d.]+$/),
    );
    const lines = () => (bridge.proxies[0] as ServiceProcess).log.filter(({ msg }) => msg === 'access');
    await expect.poll(() => lines().length, { timeout: 5_000 }).toBe(1);
    expect(lines()[0]).toMatchObject({
      level: 'info',
      'client.address': '127.0.0.1',
      'http.request.method': 'GET',
      'url.path': '/orders/42',
      'http.response.status_code': 200,
      'messaging.destination.name': bridge.requestTopic,
      request_id: got,
      trace_id: TRACE,
    });
    expect(JSON.stringify(lines())).not.toContain('s3cret');
  });

  it('is as Apache writes it, one for each request and no more, whatever a stranger sends', async () => {
    const port = clf.port ?? clf.managementPort;
    const agent = 'User-Agent: a "quote" \\ and \x9b';
    await rawExchange(port, requestBytes('GET', '/a?b=c', [agent, 'Referer: http://r/']));
    const raw = await RawClient.dial(port);
    raw.send('\x1b[2J injected\r\n127.0.0.1 - - [now] "GET /forged HTTP/1.1" 200 1\r\n\r\n');
    await raw.rest();
    await expect.poll(async () => (await read()).length, { timeout: 5_000 }).toBe(2);
    const [good, bad] = await read();
    const when = /\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000\]/.source;
    expect(good).toMatch(
      new RegExp(`^127\\.0\\.0\\.1 - - ${when} "GET /a\\?b=c HTTP/1\\.1" 200 (?:\\d+|-) "http://r/" `),
    );
    expect(good?.endsWith('"a \\"quote\\" \\\\ and \\x9b"')).toBe(true);
    expect(bad).toMatch(new RegExp(`^127\\.0\\.0\\.1 - - ${when} "\\\\x1b\\[2J injected" 400 - "-" "-"$`));
  });

  it('is written no more once a changed file says so, without a restart', async () => {
    const port = clf.port ?? clf.managementPort;
    await writeFile(join(directory, 'proxy.yaml'), 'access_log: off\n');
    clf.child.kill('SIGHUP');
    const taken = () => clf.metric('proxy_config_reloads_total', { result: 'taken' });
    await expect.poll(taken, { timeout: 10_000 }).toBe(1);
    const before = await read();
    await rawExchange(port, requestBytes('GET', '/unseen'));
    // The line would be there before its metric is.
    await expect.poll(() => clf.metric('proxy_requests_total'), { timeout: 5_000 }).toBe(2);
    expect(await read()).toEqual(before);
  });
});
