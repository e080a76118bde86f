// Stands in for docker, kubectl, helm and curl while the guide is checked: nothing is started, and all
// that can be known without a cluster is looked at. What was "made" is kept in KHP_GUIDE_STATE.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { configurationMistakes, objectMistakes, renderChart } from './charts.mjs';
import { loadCompose, modelMistakes } from './compose.mjs';
import { createValidator, parseYamlStream } from './lib.mjs';

const [, , program, ...args] = process.argv;
const stateFile = process.env.KHP_GUIDE_STATE;
/** Objects as namespace/Kind/name, and ports that answer on localhost. */
const readState = () =>
  existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, 'utf8')) : { objects: [], ports: [] };
/** By a rename: one that runs in the background reads the whole state before or after, never half of it. */
function writeState() {
  const fresh = `${stateFile}.${process.pid}`;
  writeFileSync(fresh, JSON.stringify(state));
  renameSync(fresh, stateFile);
}
const state = readState();

function fail(mistakes) {
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'));
}

/** Splits arguments into words, and options with their values; `flags` take none. */
function parse(list, flags) {
  const words = [];
  const options = [];
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    if (item === '--') {
      words.push(...list.slice(i + 1));
      break;
    }
    if (!item.startsWith('-')) words.push(item);
    else if (item.includes('=')) options.push([item.slice(0, item.indexOf('=')), item.slice(item.indexOf('=') + 1)]);
    else if (flags.includes(item)) options.push([item, '']);
    else options.push([item, list[++i]]);
  }
  return {
    words,
    options,
    all: (...names) => options.filter(([name]) => names.includes(name)).map(([, value]) => value),
  };
}

async function docker() {
  if (args[0] === 'build') {
    const { words, all } = parse(args.slice(1), []);
    const [file] = all('-f', '--file');
    const [, tier] = /^docker\/(proxy|processor|combined)\/Dockerfile$/.exec(file) ?? [];
    fail(tier && existsSync(file) ? [] : [`${file} is no Dockerfile of this repository`]);
    fail(
      all('-t', '--tag').every((tag) => tag.startsWith(`kafka-http-proxy/${tier}:`))
        ? []
        : ['the tag is of another image'],
    );
    fail(words[0] === '.' ? [] : ['the context is the root of the repository']);
    return;
  }
  if (args[0] !== 'compose') throw new Error('not known here');
  const { words, all } = parse(args.slice(1), ['-d', '--wait', '--build', '--no-deps', '--quiet', '-T', '-s']);
  const model = loadCompose(all('-f', '--file'), process.env);
  fail(await modelMistakes(model));
  const [command, ...rest] = words;
  if (!['up', 'down', 'ps', 'logs', 'exec', 'stop', 'config'].includes(command))
    throw new Error(`${command} is not known here`);
  const named = command === 'exec' ? rest.slice(0, 1) : rest;
  const scaled = all('--scale').map((scale) => scale.split('=')[0]);
  fail([...named, ...scaled].filter((name) => !model.services[name]).map((name) => `there is no service ${name}`));
  if (command === 'down') state.ports = [];
  if (command !== 'up') return;
  for (const { ports = [] } of Object.values(model.services))
    state.ports.push(...ports.map(({ published }) => Number(published)));
}

async function helm() {
  const { words, options, all } = parse(args, ['--install', '--create-namespace', '--wait', '--atomic']);
  const [command, release, chart] = words;
  if (!['upgrade', 'template'].includes(command)) throw new Error(`${command} is not known here`);
  const values = options.filter(([name]) => ['-f', '--values', '--set', '--set-string'].includes(name)).flat();
  const [namespace] = all('-n', '--namespace');
  const validator = createValidator();
  try {
    const version = (await validator.kubernetesVersions()).at(-1);
    const objects = renderChart(chart, values, version, release);
    fail(await objectMistakes(validator, objects, version));
    for (const { kind, metadata } of objects) add(namespace, kind, metadata.name);
    fail(missingSecrets(objects, namespace));
    fail(await configurationMistakes(chart.split('/').at(-1), objects));
  } finally {
    validator.close();
  }
}

/** Secrets that pods refer to and nothing before has made. */
function missingSecrets(objects, namespace) {
  const names = JSON.stringify(objects.map(({ spec }) => spec?.template?.spec)).matchAll(
    /"secretKeyRef":\{"name":"([^"]+)|"secretName":"([^"]+)|"secret":\{"name":"([^"]+)/g,
  );
  return [...names].flatMap(([, ...found]) => {
    const name = found.find(Boolean);
    return has(namespace, 'Secret', name) ? [] : [`there is no Secret ${name}`];
  });
}

const KINDS = {
  namespace: 'Namespace',
  secret: 'Secret',
  svc: 'Service',
  service: 'Service',
  deployment: 'Deployment',
  statefulset: 'StatefulSet',
  pod: 'Pod',
  pods: 'Pod',
  hpa: 'HorizontalPodAutoscaler',
};

async function kubectl() {
  const { words, options, all } = parse(args, ['--overwrite']);
  const [namespace] = all('-n', '--namespace');
  const [command, ...rest] = words;
  const known = (kind) => KINDS[kind] ?? fail([`the kind ${kind} is not known here`]);
  const exists = (kind, name, where = namespace) =>
    fail(has(where, known(kind), name) ? [] : [`there is no ${kind} ${name}`]);
  if (command === 'create') {
    const [kind, ...names] = rest;
    const name = names.at(-1);
    if (kind === 'namespace') add(null, 'Namespace', name);
    else if (kind === 'secret' && names[0] === 'generic') {
      exists('namespace', namespace, null);
      for (const [option, value] of options) {
        const file = option === '--from-file' ? value.split('=').at(-1) : undefined;
        if (file) fail(existsSync(file) ? [] : [`${file} does not exist`]);
      }
      add(namespace, 'Secret', name);
    } else throw new Error(`create ${kind} is not known here`);
  } else if (command === 'label') exists(rest[0], rest[1], null);
  else if (command === 'rollout') exists(...rest[1].split('/'));
  else if (command === 'port-forward') {
    exists(...rest[0].split('/'));
    state.ports.push(Number(rest[1].split(':')[0]));
  } else if (command === 'get' || command === 'logs') {
    const [kind, name] = rest[0].split('/');
    if (name) exists(kind, name);
    else known(kind);
  } else if (command === 'apply') {
    const validator = createValidator();
    try {
      const objects = parseYamlStream(readFileSync(all('-f')[0] === '-' ? 0 : all('-f')[0], 'utf8'));
      fail(await objectMistakes(validator, objects, (await validator.kubernetesVersions()).at(-1)));
      for (const { kind, metadata } of objects) add(metadata.namespace ?? namespace, kind, metadata.name);
    } finally {
      validator.close();
    }
  } else throw new Error(`${command} is not known here`);
}

async function curl() {
  const urls = args.filter((arg) => /^https?:\/\//.test(arg));
  fail(urls.length > 0 ? [] : ['no URL']);
  for (const url of urls) {
    const port = Number(new URL(url).port);
    // A port-forward in the background may still be on its way.
    for (let tries = 0; !readState().ports.includes(port); tries++) {
      fail(tries < 100 ? [] : [`nothing before this answers on port ${port}`]);
      await sleep(100);
    }
  }
}

function add(namespace, kind, name) {
  state.objects.push(`${namespace ?? ''}/${kind}/${name}`);
}

function has(namespace, kind, name) {
  return state.objects.includes(`${namespace ?? ''}/${kind}/${name}`);
}

try {
  await { docker, helm, kubectl, curl }[program]();
  if (program !== 'curl') writeState();
} catch (error) {
  console.error(`${program} ${args.join(' ')}: ${error.message}`);
  process.exitCode = 1;
}
