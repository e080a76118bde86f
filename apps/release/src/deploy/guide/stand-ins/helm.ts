import type { Tier } from '../../../tiers.js';
import { configurationMistakes } from '../../charts/configuration-mistakes.js';
import { objectMistakes } from '../../charts/object-mistakes.js';
import { createRenderer } from '../../charts/render.js';
import type { KubernetesObject } from '../../kubernetes-object.js';
import { createValidator } from '../../validator.js';
import { parseArguments } from './arguments.js';
import { refuse, type World } from './world.js';

/** Renders the chart, judges its objects, and looks up the Secrets that they refer to. */
export async function helm(args: readonly string[], world: World): Promise<void> {
  const { words, options, all } = parseArguments(args, ['--install', '--create-namespace', '--wait', '--atomic']);
  const [command = '', release = '', chart = ''] = words;
  if (!['upgrade', 'template'].includes(command)) throw new Error(`${command} is not known here`);
  const values = options.filter(([name]) => ['-f', '--values', '--set', '--set-string'].includes(name)).flat();
  const [namespace] = all('-n', '--namespace');
  const validator = createValidator(world.tools);
  try {
    const version = (await validator.kubernetesVersions()).at(-1) ?? '';
    // The folder of the guide's own commands: values are read from there.
    const render = createRenderer(world.tools.helm, process.cwd());
    const objects = await render({ chart, values, version, release });
    refuse(await objectMistakes(validator, world.tools, objects, version));
    for (const { kind, metadata } of objects) world.add(namespace, kind, metadata.name);
    refuse(missingSecrets(objects, namespace, world));
    refuse(await configurationMistakes(chart.split('/').at(-1) as Tier, objects));
  } finally {
    validator.close();
  }
}

/** Secrets that pods refer to and nothing before has made. */
function missingSecrets(objects: readonly KubernetesObject[], namespace: string | undefined, world: World): string[] {
  const pods = JSON.stringify(objects.map(({ spec }) => spec?.template?.spec));
  const names = pods.matchAll(/"secretKeyRef":\{"name":"([^"]+)|"secretName":"([^"]+)|"secret":\{"name":"([^"]+)/g);
  return [...names].flatMap(([, ...found]) => {
    const name = found.find(Boolean) ?? '';
    return world.has(namespace, 'Secret', name) ? [] : [`there is no Secret ${name}`];
  });
}
