import { modelMistakes } from '../../compose/mistakes.js';
import { loadCompose } from '../../compose/model.js';
import { parseArguments } from './arguments.js';
import { refuse, type World } from './world.js';

const TARGETS = ['proxy', 'processor', 'combined'];
const COMPOSE_COMMANDS = ['up', 'down', 'ps', 'logs', 'exec', 'stop', 'config'];

/** `docker build` looks at the names, `docker compose` loads the files and looks the services up. */
export async function docker(args: readonly string[], world: World): Promise<void> {
  if (args[0] === 'build') build(args.slice(1));
  else if (args[0] === 'compose') await compose(args.slice(1), world);
  else throw new Error('not known here');
}

function build(args: readonly string[]): void {
  const { words, all } = parseArguments(args, []);
  const [file] = all('-f', '--file');
  const [target = ''] = all('--target');
  const tags = all('-t', '--tag');
  refuse([
    ...(file === 'docker/Dockerfile' ? [] : [`${file} is no Dockerfile of this repository`]),
    ...(TARGETS.includes(target) ? [] : [`the Dockerfile has no target ${target}`]),
    ...(tags.every((tag) => tag.startsWith(`kafka-http-proxy/${target}:`)) ? [] : ['the tag is of another image']),
    ...(words[0] === '.' ? [] : ['the context is the root of the repository']),
  ]);
}

async function compose(args: readonly string[], world: World): Promise<void> {
  const { words, all } = parseArguments(args, ['-d', '--wait', '--build', '--no-deps', '--quiet', '-T', '-s']);
  const model = await loadCompose(world.tools.compose, all('-f', '--file'), process.env);
  await world.once(model, async () => refuse(await modelMistakes(model)));
  const [command = '', ...rest] = words;
  if (!COMPOSE_COMMANDS.includes(command)) throw new Error(`${command} is not known here`);
  const named = command === 'exec' ? rest.slice(0, 1) : rest;
  const scaled = all('--scale').map((scale) => scale.split('=')[0] ?? '');
  refuse([...named, ...scaled].filter((name) => !model.services[name]).map((name) => `there is no service ${name}`));
  if (command === 'down') world.closePorts();
  if (command !== 'up') return;
  for (const { ports = [] } of Object.values(model.services))
    world.open(...ports.map(({ published }) => Number(published)));
}
