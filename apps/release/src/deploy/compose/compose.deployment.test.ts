// docker/compose*.yaml: valid by the compose specification, and all that they name exists.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfiguration, knownVariables, parseYaml, ROOT, run, tool } from './lib.mjs';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** What an operator gives; the files refuse to do without. */
export const GIVEN = {
  'compose.yaml': {},
  'compose.proxy.yaml': { KAFKA_BOOTSTRAP_SERVERS: 'broker-1:9092' },
  'compose.processor.yaml': {
    KAFKA_BOOTSTRAP_SERVERS: 'broker-1:9092',
    KAFKA_TOPICS: 'orders:orders-requests,orders-responses,http://orders:8080',
  },
};

/** Images that are not of this repository, by the version that is named. */
const FOREIGN = /^docker\.io\/(apache\/kafka|library\/nginx|library\/node|prom\/prometheus):v?\d+[\w.-]*$/;

export async function checkCompose(report, validator) {
  for (const [file, given] of Object.entries(GIVEN)) {
    const name = (what) => `docker/${file}: ${what}`;
    const model = () => loadCompose([join(ROOT, 'docker', file)], given);
    await report.check(name("valid by the specification's schema"), () =>
      validator.schema(tool('KHP_COMPOSE_SCHEMA'), interpolated(join(ROOT, 'docker', file), given)),
    );
    await report.check(name("loads with compose's own loader"), () => void model());
    await report.check(name('refuses to start without what it needs'), () => needsVariables(file, given));
    await report.check(name('images exist here, or are pinned'), () => services(model()).flatMap(imageMistakes));
    await report.check(name('variables are known, and make a configuration'), () => variables(model()));
    await report.check(name('files that it mounts and builds from exist'), () =>
      services(model()).flatMap(mountMistakes),
    );
    await report.check(name('waits for health, is limited, read-only, and stops in time'), () =>
      services(model()).flatMap(([service, spec]) => hardeningMistakes(service, spec, model())),
    );
  }
  const all = () => loadCompose([join(ROOT, 'docker/compose.yaml')], {});
  await report.check('docker/compose.yaml: nginx and Prometheus name services and ports that exist', () =>
    addressMistakes(all()),
  );
  await report.check('docker/nginx/nginx.conf: nginx -t', nginxMistakes);
  await report.check('docker/compose.yaml: the demo backend answers with what it got', () =>
    demoBackend(all().configs.backend.content),
  );
}

/** The file with its variables filled in, as `docker compose config` does. @throws where one is missing */
export function interpolated(path, given) {
  return fill(parseYaml(readFileSync(path, 'utf8')), given);
}

function fill(value, given) {
  if (Array.isArray(value)) return value.map((item) => fill(item, given));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, given)]));
  }
  if (typeof value !== 'string') return value;
  return value.replace(/\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g, (text, name, operator, rest) => {
    if (text === '$$') return '$';
    if (given[name]) return given[name];
    if (operator === '-') return rest;
    throw new Error(`${name} is missing: ${rest ?? 'no default'}`);
  });
}

/** The model that compose's own loader makes of one file, and of those that go over it. */
export function loadCompose(paths, given) {
  const dir = mkdtempSync(join(tmpdir(), 'khp-compose-'));
  try {
    const files = paths.map((path, i) => {
      const file = join(dir, `${i}.yaml`);
      writeFileSync(file, JSON.stringify(interpolated(path, given)));
      return file;
    });
    // Paths are relative to docker/; the variables are filled in already.
    const flags = ['-no-interpolation', '-no-path-resolution', '-format', 'json'];
    const model = JSON.parse(run(tool('KHP_COMPOSE'), [...flags, ...files], { cwd: join(ROOT, 'docker') }));
    for (const spec of Object.values(model.services)) spec.environment = asMap(spec.environment);
    return model;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Of files that go over each other the loader makes lists of NAME=value. */
function asMap(environment = {}) {
  if (!Array.isArray(environment)) return environment;
  return Object.fromEntries(environment.map((item) => item.split(/=(.*)/s).slice(0, 2)));
}

/** What is wrong with a model, beside what a loader sees. */
export async function modelMistakes(model) {
  const found = services(model).flatMap((service) => [
    ...imageMistakes(service),
    ...mountMistakes(service),
    ...hardeningMistakes(...service, model),
  ]);
  return [...found, ...(await variables(model))];
}

const services = (model) => Object.entries(model.services);

/** proxy or processor, for a service of ours. */
const tierOf = ({ image }) => /^kafka-http-proxy\/(proxy|processor):/.exec(image)?.[1];

function needsVariables(file, given) {
  return Object.keys(given).flatMap((name) => {
    try {
      interpolated(join(ROOT, 'docker', file), { ...given, [name]: undefined });
      return [`it does not need ${name}`];
    } catch {
      return [];
    }
  });
}

function imageMistakes([service, spec]) {
  const tier = tierOf(spec);
  if (tier === undefined) return FOREIGN.test(spec.image) ? [] : [`${service}: ${spec.image} is no pinned image`];
  const mistakes = [];
  if (!spec.image.endsWith(`:${version}`)) mistakes.push(`${service}: ${spec.image} is not version ${version}`);
  if (!existsSync(join(ROOT, 'docker', tier, 'Dockerfile'))) mistakes.push(`docker/${tier}/Dockerfile does not exist`);
  return mistakes;
}

async function variables(model) {
  const mistakes = [];
  for (const [service, spec] of services(model)) {
    const tier = tierOf(spec);
    if (tier === undefined) continue;
    const known = await knownVariables(tier);
    for (const name of Object.keys(spec.environment)) if (!known(name)) mistakes.push(`${service}: ${name} is unknown`);
    checkConfiguration(tier, withSecrets(spec, model));
  }
  return mistakes;
}

/** The environment of a service, with the secrets' files of this machine instead of the container's. */
function withSecrets({ environment, secrets = [] }, model) {
  const files = new Map(secrets.map(({ source }) => [`/run/secrets/${source}`, model.secrets[source].file]));
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, files.get(value) ?? value]));
}

function mountMistakes([service, { volumes = [], build }]) {
  const files = volumes.flatMap(({ type, source }) => (type === 'bind' ? [source] : []));
  if (build) files.push(build.context, join(build.context, build.dockerfile));
  return files
    .filter((path) => !existsSync(join(ROOT, 'docker', path)))
    .map((path) => `${service}: ${path} is missing`);
}

/** Of a processor with 40 topics and three brokers, and of its health check (docs/deployment.md, Sizing). */
const THREADS = 310 + 15;

function hardeningMistakes(service, spec, model) {
  const wrong = [];
  const demand = (holds, what) => holds || wrong.push(`${service}: ${what}`);
  const kafka = spec.image.includes('apache/kafka');
  demand(spec.healthcheck?.test, 'no health check');
  demand(spec.deploy?.resources?.limits?.memory && spec.deploy.resources.limits.cpus, 'no limits');
  demand(spec.cap_drop?.includes('ALL'), 'keeps capabilities');
  demand(spec.security_opt?.includes('no-new-privileges:true'), 'may gain privileges');
  // Its start script writes into the image's file system.
  demand(spec.read_only || kafka, 'its root is writable');
  for (const [other, { condition }] of Object.entries(spec.depends_on ?? {})) {
    demand(
      condition === 'service_healthy' && model.services[other]?.healthcheck,
      `does not wait for the health of ${other}`,
    );
  }
  if (tierOf(spec)) {
    demand(spec.deploy.resources.limits.pids >= THREADS, `fewer than ${THREADS} threads`);
    const graceS = Number(spec.environment.SHUTDOWN_GRACE);
    const stopS = durationS(spec.stop_grace_period);
    demand(stopS > graceS, `stop_grace_period ${stopS} s is not above SHUTDOWN_GRACE ${graceS} s`);
    demand(
      spec.healthcheck.test.join(' ').includes(`:${spec.environment.MANAGEMENT_PORT}/ready`),
      'is not asked /ready',
    );
  }
  return wrong;
}

/** `40s`, `1m30s` in seconds. */
function durationS(text) {
  const [, minutes = 0, seconds = 0] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

/** What nginx and Prometheus are told, as [file, host, port]. */
function addresses() {
  const upstream = readFileSync(join(ROOT, 'docker/nginx/upstream.conf'), 'utf8').matchAll(/^server ([\w-]+):(\d+)/gm);
  const { scrape_configs } = parseYaml(readFileSync(join(ROOT, 'docker/prometheus/prometheus.yml'), 'utf8'));
  const targets = scrape_configs.flatMap((job) => job.static_configs.flatMap((config) => config.targets));
  return [
    ...[...upstream].map(([, host, port]) => ['nginx/upstream.conf', host, port]),
    ...targets.map((target) => ['prometheus/prometheus.yml', ...target.split(':')]),
  ];
}

function addressMistakes(model) {
  const named = addresses();
  const wrong = named.flatMap(([file, host, port]) => {
    const env = model.services[host]?.environment;
    const expected = file.startsWith('nginx') ? env?.PROXY_PORT : env?.MANAGEMENT_PORT;
    return expected === port ? [] : [`${file} names ${host}:${port}`];
  });
  for (const [service, spec] of services(model)) {
    const ports = named.filter(([, host]) => host === service).length;
    const expected = { proxy: 2, processor: 1 }[tierOf(spec)] ?? 0;
    if (ports !== expected) wrong.push(`${service} is named ${ports} times instead of ${expected}`);
  }
  return wrong;
}

/** What runs is tested by packages/testkit/src/conformance/nginx.conformance.test.ts. */
function nginxMistakes() {
  const dir = mkdtempSync(join(tmpdir(), 'khp-nginx-'));
  try {
    const copy = (file, change) =>
      writeFileSync(join(dir, file), change(readFileSync(join(ROOT, 'docker/nginx', file), 'utf8')));
    // Its output is no terminal or pipe here, and the proxies' names are nobody's.
    copy('nginx.conf', (text) => text.replaceAll('/tmp', dir).replace('/dev/stdout', 'off'));
    copy('upstream.conf', (text) => text.replace(/proxy-\d/g, '127.0.0.1'));
    run('nginx', ['-t', '-q', '-p', dir, '-c', join(dir, 'nginx.conf')]);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function demoBackend(source) {
  const dir = mkdtempSync(join(tmpdir(), 'khp-backend-'));
  const port = await freePort();
  const file = join(dir, 'backend.js');
  writeFileSync(file, source);
  const child = spawn(process.execPath, [file], { env: { PORT: String(port) }, stdio: 'inherit' });
  try {
    const answer = await answerOf(`http://127.0.0.1:${port}/a?b=c`, child);
    return answer.method === 'POST' && answer.url === '/a?b=c' && answer.body === 'hello'
      ? []
      : [JSON.stringify(answer)];
  } finally {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
    rmSync(dir, { recursive: true });
  }
}

async function answerOf(url, child) {
  for (;;) {
    try {
      return await fetch(url, { method: 'POST', body: 'hello' }).then((response) => response.json());
    } catch (error) {
      if (child.exitCode !== null) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
