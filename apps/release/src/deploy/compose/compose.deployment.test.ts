import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { ROOT } from '../../machine/paths.js';
import { run } from '../../machine/run.js';
import { createValidator } from '../validator.js';
import { addressMistakes } from './addresses.js';
import { hardeningMistakes } from './hardening.js';
import { eachService, imageMistakes, modelMistakes, mountMistakes, variableMistakes } from './mistakes.js';
import { interpolated, loadCompose, type Model, tierOf } from './model.js';
import { PROFILE, wiringMistakes } from './observability.js';

/** What an operator gives; the files refuse to do without. */
const GIVEN: readonly (readonly [file: string, given: Readonly<Record<string, string>>])[] = [
  ['compose.yaml', {}],
  ['compose.proxy.yaml', { KAFKA_BOOTSTRAP_SERVERS: 'broker-1:9092' }],
  [
    'compose.processor.yaml',
    {
      KAFKA_BOOTSTRAP_SERVERS: 'broker-1:9092',
      KAFKA_TOPICS: 'orders:orders-requests,orders-responses,http://orders:8080',
    },
  ],
];

const tools = inject('deployment');
const validator = createValidator(tools);
afterAll(() => validator.close());

describe.each(GIVEN)('docker/%s', (file, given) => {
  const path = join(ROOT, 'docker', file);
  let model: Model;
  beforeAll(async () => {
    model = await loadCompose(tools.compose, [path], given);
  });

  it("is valid by the specification's schema", async () => {
    expect(await validator.schema(tools.composeSchema, interpolated(path, given))).toEqual([]);
  });

  it("is loaded by compose's own loader", () => {
    expect(Object.keys(model.services)).not.toEqual([]);
  });

  it('refuses to start without what it needs', () => {
    for (const name of Object.keys(given))
      expect(() => interpolated(path, { ...given, [name]: undefined })).toThrow(`${name} is missing`);
  });

  it('names images that are made here, or pinned', () => {
    expect(eachService(model, imageMistakes)).toEqual([]);
  });

  it('sets variables that are known, and make a configuration', async () => {
    expect(await variableMistakes(model)).toEqual([]);
  });

  it('mounts and builds from files that exist', () => {
    expect(eachService(model, mountMistakes)).toEqual([]);
  });

  it('waits for health, is limited, read-only, and stops in time', () => {
    expect(eachService(model, (name, service) => hardeningMistakes(name, service, model))).toEqual([]);
  });
});

describe('docker/compose.auth.yaml, over compose.yaml', () => {
  const given = {
    OIDC_ISSUER_URL: 'https://login.example.com/',
    OIDC_CLIENT_ID: 'kafka-http',
    OIDC_CLIENT_SECRET: 'x',
    OAUTH2_COOKIE_SECRET: '0123456789abcdef',
  };
  const paths = ['compose.yaml', 'compose.auth.yaml'].map((file) => join(ROOT, 'docker', file));

  it('is a model without mistakes', async () => {
    const model = await loadCompose(tools.compose, paths, given);
    expect(await modelMistakes(model)).toEqual([]);
  });

  it('has nginx read its folder, and reach oauth2-proxy, which nobody else does', async () => {
    const { services } = await loadCompose(tools.compose, paths, given);
    expect(services.nginx?.volumes?.map(({ target }) => target)).toContain('/etc/nginx/auth-request');
    const meets = Object.entries(services).filter(([, { networks = {} }]) => Object.hasOwn(networks, 'auth'));
    expect(meets.map(([name]) => name).toSorted()).toEqual(['nginx', 'oauth2-proxy']);
    expect(services['oauth2-proxy']?.ports ?? []).toEqual([]);
  });

  it('refuses to start without what it needs', () => {
    for (const name of Object.keys(given))
      expect(() => interpolated(paths[1] as string, { ...given, [name]: undefined })).toThrow(`${name} is missing`);
  });
});

describe('docker/compose.yaml', () => {
  const load = () => loadCompose(tools.compose, [join(ROOT, 'docker/compose.yaml')], {});

  it('has the services and ports that nginx and Prometheus name', async () => {
    expect(addressMistakes(await load())).toEqual([]);
  });

  it('brings traces and dashboards up by a profile alone, wired with each other', async () => {
    const model = await load();
    const optional = Object.entries(model.services).filter(([, { profiles }]) => profiles?.includes(PROFILE));
    expect(optional.map(([name]) => name).toSorted()).toEqual(['grafana', 'otel-collector', 'tempo']);
    expect(wiringMistakes(model)).toEqual([]);
  });

  it('exports nothing unless it is told where to', async () => {
    const given = 'http://otel-collector:4318';
    const told = await loadCompose(tools.compose, [join(ROOT, 'docker/compose.yaml')], {
      OTEL_EXPORTER_OTLP_ENDPOINT: given,
    });
    const endpoints = (model: Model) =>
      Object.values(model.services)
        .filter((service) => tierOf(service) !== undefined)
        .map(({ environment }) => environment.OTEL_EXPORTER_OTLP_ENDPOINT);
    expect(endpoints(await load())).toEqual(['', '', '', '']);
    expect(endpoints(told)).toEqual([given, given, given, given]);
  });

  it('has a demo backend that answers with what it got', async () => {
    const dir = temporaryFolder();
    const port = await freePort();
    const file = join(dir, 'backend.js');
    writeFileSync(file, (await load()).configs?.backend?.content ?? '');
    const child = spawn(process.execPath, [file], { env: { PORT: String(port) }, stdio: 'inherit' });
    onTestFinished(async () => {
      const exited = once(child, 'exit');
      if (child.kill()) await exited;
    });
    const ask = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/a?b=c`, { method: 'POST', body: 'hello' });
      return await response.json();
    };
    expect(await vi.waitFor(ask, { timeout: 20_000 })).toMatchObject({ method: 'POST', url: '/a?b=c', body: 'hello' });
  });
});

/** What runs is tested by nginx.conformance.test.ts of the testkit. */
describe('docker/nginx/nginx.conf', () => {
  it.each([false, true])('is taken by nginx -t, with its folder auth-request: %s', async (auth) => {
    const dir = temporaryFolder();
    if (auth) mkdirSync(join(dir, 'auth-request'));
    const copy = (file: string, change: (text: string) => string) =>
      writeFileSync(join(dir, file), change(readFileSync(join(ROOT, 'docker/nginx', file), 'utf8')));
    // Its output is no terminal or pipe here, and the proxies' names are nobody's.
    copy('nginx.conf', (text) => text.replaceAll('/tmp', dir).replace('/dev/stdout', 'off'));
    copy('upstream.conf', (text) => text.replace(/proxy-\d/g, '127.0.0.1'));
    for (const file of auth ? ['http.conf', 'server.conf', 'location.conf'] : []) {
      copy(`auth-request/${file}`, (text) => text.replace('server oauth2-proxy:', 'server 127.0.0.1:'));
    }
    await run('nginx', ['-t', '-q', '-p', dir, '-c', join(dir, 'nginx.conf')]);
  });
});

function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'khp-compose-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}
