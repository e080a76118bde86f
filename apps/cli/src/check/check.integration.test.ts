import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, inject, it, onTestFinished } from 'vitest';
import { runCaptured } from '../testing/captured-host.js';
import { brokerFlags, configFile, recordOf, testName, write } from '../testing/stage.js';

const broker = inject('broker');
const kafka = { bootstrap_servers: broker.bootstrapServers, properties: broker.properties };

interface Line {
  readonly id: string;
  readonly state: string;
  readonly what: string;
  readonly fix?: string;
}

/** Runs `check` and reads what it printed. */
async function check(...argv: string[]): Promise<{ code: number; lines: Line[] }> {
  const { code, stdout } = await runCaptured(['check', '--format', 'json', ...argv]);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, lines: lines.map((line) => JSON.parse(line) as Line) };
}

/** A pair of tiers on topics of their own, all of which are there. */
async function pair(): Promise<{ name: string; files: string[] }> {
  const name = testName('t');
  const topics = ['requests', 'responses', 'control', 'failed'].map((role) => `${name}-${role}`);
  await write(
    broker,
    topics.slice(1).map((topic) => recordOf(topic, 0)),
  );
  await write(broker, [{ ...recordOf(`${name}-requests`, 0) }]);
  const common = { kafka, control_topic: `${name}-control`, dead_letter_topic: `${name}-failed` };
  const proxy = await configFile('proxy.json', {
    ...common,
    default_request_topic: `${name}-requests`,
    default_response_topic: `${name}-responses`,
    warmup_topics: [],
  });
  const processor = await configFile('processor.json', {
    ...common,
    topics: [
      { request_topic: `${name}-requests`, response_topic: `${name}-responses`, backend_url: 'http://127.0.0.1:9' },
    ],
  });
  return { name, files: ['-c', proxy, '-c', processor] };
}

it('goes from the configuration over the network to what is written and read back', async () => {
  const { name, files } = await pair();
  const { code, lines } = await check(...files, '--probe', '--proxies', '4', '--skip', 'groups.read');
  expect(lines.filter(({ state }) => state === 'FAIL')).toEqual([]);
  expect(code).toBe(0);
  expect([...new Set(lines.filter(({ state }) => state === 'ok').map(({ id }) => id))]).toEqual(
    expect.arrayContaining(['config.load', 'config.topics', 'kafka.dns', 'kafka.tcp', 'kafka.login', 'kafka.brokers']),
  );
  const probed = lines.filter(({ id, state }) => id.startsWith('probe.') && state === 'ok').map(({ what }) => what);
  expect(probed).toEqual([
    expect.stringMatching(`^${name}-responses: written and read back in \\d+ ms$`),
    expect.stringMatching(`^${name}-control: written and read back in \\d+ ms$`),
    `${name}-responses takes a record of max_record_bytes, 1000000`,
    `${name}-control takes a record of max_record_bytes, 1000000`,
  ]);
  expect(lines.find(({ id }) => id === 'probe.requests')).toMatchObject({ state: 'skip' });
  expect(lines.find(({ id }) => id === 'topics.partitions')).toMatchObject({ state: 'ok' });
});

it('says on one line what a monitor wants to know, and ends as it expects', async () => {
  const { name, files } = await pair();
  const asked = ['check', ...files, '--format', 'nagios', '--only', 'lag'];
  expect(await runCaptured([...asked, '--lag-warn', '0'])).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(
      `^KAFKA_HTTP_PROXY WARNING: .*lag ${name}-requests: .* behind by 1 records.* \\| .*'lag ${name}-requests'=1;;;; 'age ${name}-requests'=[\\d.]+s;;;;\n$`,
    ),
  });
  expect((await runCaptured([...asked, '--lag-fail', '0'])).code).toBe(2);
  expect((await runCaptured([...asked, '--lag-fail', '1'])).code).toBe(0);
  expect(await runCaptured([...asked, '--lag-fail', 'much'])).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/^KAFKA_HTTP_PROXY UNKNOWN: --lag-fail: /),
  });
});

it('looks at a broker of which nothing else is known, and claims no more', async () => {
  const { code, lines } = await check(...brokerFlags(broker));
  expect(code).toBe(0);
  expect(lines.map(({ id, state }) => `${state} ${id}`)).toEqual([
    'skip config.load',
    'ok kafka.dns',
    'ok kafka.tcp',
    'ok kafka.login',
    'ok kafka.brokers',
  ]);
});

it('tells a broken configuration from a whole one, and goes on with that', async () => {
  const { files } = await pair();
  const broken = await configFile('broken.json', { kafka, port: 'soon' });
  const { code, lines } = await check('-c', broken, ...files.slice(2), '--only', 'config.*', '--only', 'kafka.login');
  expect(code).toBe(1);
  expect(lines.map(({ id, state }) => `${state} ${id}`)).toEqual([
    'FAIL config.load',
    'ok config.load',
    'ok kafka.login',
  ]);
  expect(lines[0]?.what).toMatch(/broken\.json.* port: /);
  const alone = await check('-c', broken);
  expect(alone.lines.map(({ id, state }) => `${state} ${id}`)).toEqual(['FAIL config.load', 'skip kafka.dns']);
});

it('goes on with the brokers that are left, and says how to go without the others', async () => {
  const list = `no-such-broker.invalid:9092,127.0.0.1:1,${broker.bootstrapServers}`;
  const flags = brokerFlags({ ...broker, bootstrapServers: list });
  const { code, lines } = await check(...flags, '--only', 'kafka.*');
  const fix = `kafka-http-proxy check -b ${broker.bootstrapServers}`;
  expect(lines.slice(0, 3)).toEqual([
    { id: 'kafka.dns', state: 'FAIL', what: expect.stringContaining('no-such-broker.invalid has no address'), fix },
    { id: 'kafka.tcp', state: 'warn', what: "127.0.0.1:1 can't be connected to (ECONNREFUSED)", fix },
    expect.objectContaining({ id: 'kafka.login', state: 'ok' }),
  ]);
  expect(code).toBe(1);
});

it('asks services what they say of themselves, and trusts none of it on a terminal', async () => {
  const server = createServer((request, response) => {
    response.sendDate = false;
    response.setHeader('date', new Date(Date.now() - 60_000).toUTCString());
    if (request.url === '/metrics') response.end('kafka_http_proxy_build_info{service="x",version="1.9.0"} 1\n');
    else {
      response.statusCode = 503;
      response.end(JSON.stringify({ status: 'not_ready', reasons: ['\u001b[2Jgone'] }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const argv = [
    'check',
    ...brokerFlags(broker),
    '--processor',
    url,
    '--proxy',
    'http://127.0.0.1:1',
    '--only',
    'service.*',
  ];
  const { code, stdout } = await runCaptured(argv, { terminal: true, environment: { NO_COLOR: '1' } });
  expect(code).toBe(1);
  expect(stdout).not.toContain('\u001b');
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(/^FAIL {2}service\.ready +proxy http:\/\/127\.0\.0\.1:1 does not answer at .*ECONNREFUSED/),
    '      fix: curl -sS http://127.0.0.1:1/ready',
    expect.stringMatching(/^FAIL {2}service\.ready +processor .* takes no requests: \\x1b\[2Jgone$/),
    `      fix: curl -sS ${url}ready`,
    expect.stringMatching(/^ok {4}service\.version +processor .* 1\.9\.0$/),
    expect.stringMatching(/^FAIL {2}service\.clock +clocks differ from the one here: processor .* by -\d+\.\d s/),
    '      fix: timedatectl set-ntp true',
    '',
  ]);
});

it('ends with 130 when it is interrupted, and with 2 where no check is left', async () => {
  const { files } = await pair();
  const stop = new AbortController();
  const interrupted = runCaptured(['check', ...files], {
    signal: stop.signal,
    onOutput: () => stop.abort(),
  });
  expect((await interrupted).code).toBe(130);
  const none = await runCaptured(['check', ...files, '--only', 'kafak.*']);
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('there are config.load, config.topics') });
});
