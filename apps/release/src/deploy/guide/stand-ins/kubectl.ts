import { existsSync, readFileSync } from 'node:fs';
import { parseYamlStream } from '../../../machine/yaml.js';
import { objectMistakes } from '../../charts/object-mistakes.js';
import type { KubernetesObject } from '../../kubernetes-object.js';
import { createValidator } from '../../validator.js';
import { type Arguments, parseArguments } from './arguments.js';
import { refuse, type World } from './world.js';

const KINDS: Readonly<Record<string, string>> = {
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

/** Notes what is created, judges what is applied, and looks up every other name. */
export async function kubectl(args: readonly string[], world: World): Promise<void> {
  const line = parseArguments(args, ['--overwrite']);
  const [namespace] = line.all('-n', '--namespace');
  const [command = '', ...rest] = line.words;
  const [first = '', second = ''] = rest;
  const [kind = '', name] = first.split('/');
  if (command === 'create') create(line, namespace, world);
  else if (command === 'label') exists(world, null, first, second);
  else if (command === 'rollout') exists(world, namespace, ...pair(second));
  else if (command === 'port-forward') {
    exists(world, namespace, ...pair(first));
    world.open(Number(second.split(':')[0]));
  } else if (command === 'get' || command === 'logs') {
    if (name !== undefined) exists(world, namespace, kind, name);
    else known(kind);
  } else if (command === 'apply') await apply(line, namespace, world);
  else throw new Error(`${command} is not known here`);
}

function pair(text: string): [kind: string, name: string] {
  const [kind = '', name = ''] = text.split('/');
  return [kind, name];
}

function known(kind: string): string {
  const found = KINDS[kind];
  if (found === undefined) throw new Error(`the kind ${kind} is not known here`);
  return found;
}

function exists(world: World, namespace: string | null | undefined, kind: string, name: string): void {
  refuse(world.has(namespace, known(kind), name) ? [] : [`there is no ${kind} ${name}`]);
}

function create({ words, options }: Arguments, namespace: string | undefined, world: World): void {
  const [, kind = '', ...names] = words;
  const name = names.at(-1) ?? '';
  if (kind === 'namespace') {
    world.add(null, 'Namespace', name);
    return;
  }
  if (kind !== 'secret' || names[0] !== 'generic') throw new Error(`create ${kind} is not known here`);
  exists(world, null, 'namespace', namespace ?? '');
  const files = options
    .filter(([option]) => option === '--from-file')
    .map(([, value]) => value.split('=').at(-1) ?? '');
  refuse(files.filter((file) => !existsSync(file)).map((file) => `${file} does not exist`));
  world.add(namespace, 'Secret', name);
}

async function apply({ all }: Arguments, namespace: string | undefined, world: World): Promise<void> {
  const [file = '-'] = all('-f');
  const validator = createValidator(world.tools);
  try {
    const objects = parseYamlStream<KubernetesObject>(readFileSync(file === '-' ? 0 : file, 'utf8'));
    const version = (await validator.kubernetesVersions()).at(-1) ?? '';
    refuse(await objectMistakes(validator, world.tools, objects, version));
    for (const { kind, metadata } of objects) world.add(metadata.namespace ?? namespace, kind, metadata.name);
  } finally {
    validator.close();
  }
}
