import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../machine/paths.js';
import { run } from '../machine/run.js';
import { buildah, imageId, WORK } from './buildah.js';
import { imageName, TARGETS, type Target, VERSION } from './targets.js';

/** What the last build was made of, and what came of it. */
interface Built {
  readonly inputs?: string;
  readonly ids?: Readonly<Record<string, string | undefined>>;
}

/**
 * Builds the images as `docker build` would, the steps that they share once; not while nothing in them changed.
 *
 * @returns whether they were built
 * @throws Error with the end of what buildah said
 */
export async function ensureImages(base: string): Promise<boolean> {
  const record = join(WORK, 'built.json');
  const inputs = `${await hashOfInputs()} ${await imageId(base)}`;
  const built: Built = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
  if (built.inputs === inputs && (await areThere(built))) return false;
  for (const target of Object.keys(TARGETS) as Target[]) await build(target);
  // What bore these names before, and the steps in between.
  await buildah('rmi', '--prune');
  writeFileSync(record, JSON.stringify({ inputs, ids: await idsOfImages() }));
  return true;
}

async function build(target: Target): Promise<void> {
  // A private npmrc is not passed on: its tokens are nobody's business in a test.
  const npmrc = join(WORK, 'tmp/npmrc');
  const ca = certificates();
  writeFileSync(npmrc, ca ? 'cafile=/run/secrets/ca\n' : '');
  const secrets = [`id=npmrc,src=${npmrc}`, ...(ca ? [`id=ca,src=${ca}`] : [])].flatMap((one) => ['--secret', one]);
  const revision = await run('git', ['rev-parse', 'HEAD']).catch(() => '');
  const created = await run('git', ['log', '-1', '--format=%cI']).catch(() => new Date().toISOString());
  const labels = { VERSION, REVISION: revision, CREATED: created };
  const args = Object.entries(labels).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  // OCI's own format has no HEALTHCHECK. Layers are kept for the next target.
  const how = ['--format', 'docker', '--pull-never', '--network', 'host', '--layers'];
  const what = ['-f', 'docker/Dockerfile', '--target', target, '-t', `localhost/${imageName(target)}`, '.'];
  await buildah('bud', ...how, ...secrets, ...args, ...what);
}

async function idsOfImages(): Promise<Record<string, string | undefined>> {
  const names = (Object.keys(TARGETS) as Target[]).map(imageName);
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await imageId(`localhost/${name}`)])));
}

async function areThere({ ids = {} }: Built): Promise<boolean> {
  const now = Object.entries(await idsOfImages());
  return now.every(([name, id]) => id !== undefined && id === ids[name]);
}

/** The host's certificates, where it has some of its own: given to builds as a secret. */
function certificates(): string | undefined {
  return ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'].find(existsSync);
}

async function hashOfInputs(): Promise<string> {
  const ignore = readFileSync(join(ROOT, '.dockerignore'), 'utf8');
  const wanted = [...ignore.matchAll(/^!(.+)$/gm)].map(([, path = '']) => path);
  const left = [...ignore.matchAll(/^\w.*$/gm)].map(([path]) => `${path}/`);
  const listing = ['ls-files', '-co', '--exclude-standard', '--', '.dockerignore', 'docker/Dockerfile', ...wanted];
  const paths = (await run('git', listing))
    .split('\n')
    .filter((path) => left.every((folder) => !path.startsWith(folder)));
  const hash = createHash('sha256');
  for (const path of paths.filter((name) => !/\.test\.ts$|\.test-kit\.ts$|\.md$/.test(name))) {
    const file = join(ROOT, path);
    hash.update(`${path}\0`).update(existsSync(file) ? readFileSync(file) : '');
  }
  return hash.digest('hex');
}
