// main.js <docker|helm|kubectl|curl> [argument …]: stands in for a program while the guide is checked. Nothing is
// started, and all that can be known without a cluster is looked at.
import { curl } from './stand-ins/curl.js';
import { docker } from './stand-ins/docker.js';
import { helm } from './stand-ins/helm.js';
import { kubectl } from './stand-ins/kubectl.js';
import { createWorld, type World } from './stand-ins/world.js';

const PROGRAMS: Readonly<Record<string, (args: readonly string[], world: World) => Promise<void>>> = {
  docker,
  helm,
  kubectl,
  curl,
};

const [name = '', ...args] = process.argv.slice(2);
try {
  const program = PROGRAMS[name];
  if (program === undefined) throw new Error('there is no stand-in for it');
  const world = createWorld();
  await program(args, world);
  // curl only looks, beside one that runs in the background.
  if (program !== curl) world.save();
} catch (error) {
  console.error(`${name} ${args.join(' ')}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
