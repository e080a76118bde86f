import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { freePort } from '../machine/ports.js';
import { mustRun, runProgram } from '../machine/program.js';
import { brokerEnv } from '../services/bridge.js';
import { type ServiceProcess, startService } from '../services/service-process.js';

/*
 * The test suite of the Python package `requests`, as its authors ship it, against httpbin: once
 * directly, once through the bridge. What passes directly must pass through the bridge. (A few tests
 * fail either way, for want of a network; one that its authors expect to fail, for how chunks fall,
 * may pass.)
 */

const REQUESTS = 'requests==2.34.2';

/** httpbin on a server of its own, so that it stands still while the tests run elsewhere. */
const SERVE_HTTPBIN = `
import sys, threading
from httpbin import app
from pytest_httpbin.serve import Server
server = Server(application=app)
server.start()
print(server.url, flush=True)
threading.Event().wait()
`;

/** Puts our URL in the place of the server that pytest-httpbin starts for each run. */
const CONFTEST = `
import os, pytest
class At:
    url = os.environ['HTTPBIN_URL']
@pytest.fixture
def httpbin():
    return At
`;

let dir: string;
let sources: string;
let httpbin: ChildProcess;
let httpbinUrl: string;
const services: ServiceProcess[] = [];
let bridgeUrl: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'khp-requests-'));
  await mustRun('python3', ['-m', 'venv', join(dir, 'venv')]);
  const pip = (...args: string[]) => mustRun(join(dir, 'venv/bin/pip'), ['--quiet', ...args], { cwd: dir });
  await pip('download', '--no-deps', '--no-binary', ':all:', REQUESTS);
  const archive = (await readdir(dir)).find((name) => name.endsWith('.tar.gz')) as string;
  await mustRun('tar', ['xzf', archive], { cwd: dir });
  sources = join(dir, archive.replace('.tar.gz', ''));
  await pip(
    'install',
    '-e',
    `${sources}[socks]`,
    'pytest<10',
    'pytest-httpbin==2.1.0',
    'httpbin~=0.10.0',
    'trustme',
    'setuptools<81',
  );
  await writeFile(join(sources, 'conftest.py'), CONFTEST);

  await writeFile(join(dir, 'serve_httpbin.py'), SERVE_HTTPBIN);
  httpbin = spawn(join(dir, 'venv/bin/python'), [join(dir, 'serve_httpbin.py')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface(httpbin.stdout as NodeJS.ReadableStream);
  httpbinUrl = await new Promise((resolve) => lines.once('line', resolve));

  const config = join(dir, 'processor_config.yaml');
  await writeFile(
    config,
    `topics:\n  - request_topic: httpbin-requests\n    backend_url: ${httpbinUrl}\n    preserve_host: true\nhealth_check_interval: 0\n`,
  );
  const common = brokerEnv(inject('broker'));
  const managementPort = await freePort();
  const processor = await startService('processor', {
    env: { ...common, MANAGEMENT_PORT: String(managementPort) },
    args: ['--config', config],
    managementPort,
  });
  services.push(processor);
  const proxy = await startService('proxy', {
    env: {
      ...common,
      PROXY_PORT: '0',
      DEFAULT_REQUEST_TOPIC: 'httpbin-requests',
      DEFAULT_RESPONSE_TOPIC: 'httpbin-requests-responses',
      WARMUP_TOPICS: 'httpbin-requests-responses',
    },
  });
  services.push(proxy);
  await Promise.all([processor.ready(), proxy.ready()]);
  bridgeUrl = `http://127.0.0.1:${proxy.port}`;
}, 300_000);

afterAll(async () => {
  httpbin?.kill();
  await Promise.all(services.map((service) => service.stop()));
  if (dir) await rm(dir, { recursive: true, force: true });
});

/** Runs the suite and tells how each test ended, by name. */
async function outcomes(url: string, name: string): Promise<Map<string, string>> {
  const report = join(dir, `${name}.xml`);
  const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junitxml=${report}`, 'tests'];
  const { output } = await runProgram(join(dir, 'venv/bin/python'), args, { cwd: sources, env: { HTTPBIN_URL: url } });
  process.stderr.write(`requests' suite, ${name}: ${output.trim().split('\n').at(-1)}\n`);
  const xml = await readFile(report, 'utf8');
  const results = new Map<string, string>();
  for (const [, attributes = '', inside = ''] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const of = (attribute: string) => new RegExp(`(?:^| )${attribute}="([^"]*)"`).exec(attributes)?.[1] ?? '';
    const kind = /<(failure|error|skipped)/.exec(inside)?.[1] ?? 'passed';
    results.set(`${of('classname')}::${of('name')}`, kind);
  }
  return results;
}

it('each test of requests’ own suite that passes directly passes through the bridge', {
  timeout: 600_000,
}, async () => {
  const direct = await outcomes(httpbinUrl, 'direct');
  const bridged = await outcomes(bridgeUrl, 'bridged');
  expect(direct.size).toBeGreaterThan(500);
  const worse = [...direct].filter(([name, outcome]) => outcome === 'passed' && bridged.get(name) !== 'passed');
  expect(worse).toEqual([]);
  expect(bridged.size).toBe(direct.size);
  expect([...direct.values()].filter((outcome) => outcome === 'passed').length).toBeGreaterThan(500);
});
