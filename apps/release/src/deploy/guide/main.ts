// main.js <docker|helm|kubectl|curl> [argument …]: stands in for a program while the guide is checked. Nothing is
// started, and all that can be known without a cluster is looked at.
import { createWorld, type World } from './stand-ins/world.js';

type StandIn = (args: readonly string[], world: World) => Promise<void>;

/** Loaded by name: most commands of the guide need little of what others do. */
const PROGRAMS: Readonly<Record<string, () => Promise<StandIn>>> = {
  docker: async () => (await import('./stand-ins/docker.js')).docker,
  helm: async () => (await import('./stand-ins/helm.js')).helm,
  kubectl: async () => (await import('./stand-ins/kubectl.js')).kubectl,
  curl: async () => (await import('./stand-ins/curl.js')).curl,
};

const [name = '', ...args] = process.argv.slice(2);
try {
  const load = PROGRAMS[name];
  if (load === undefined) throw new Error('there is no stand-in for it');
  const world = createWorld();
  const standIn = await load();
  await standIn(args, world);
  // curl only looks, beside one that runs in the background.
  if (name !== 'curl') world.save();
} catch (error) {
  console.error(`${name} ${args.join(' ')}: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
