// Builds an image from its Dockerfile, as `docker build` would; not again while nothing in it changed.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildah, certificates, imageExists, REPOSITORY, run, WORK } from './machine.mjs';
import { doing } from './report.mjs';

/** Resolves with whether it had to be built. */
export async function ensureImage({ target, image, base, version }) {
  const record = join(WORK, `built-${target}.json`);
  const inputs = `${await hashOfInputs(target)} ${await imageExists(base)}`;
  const built = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
  if (built.inputs === inputs && built.id !== undefined && built.id === (await imageExists(image))) return false;

  doing(`building ${image}`);
  // A private npmrc is not passed on: its tokens are nobody's business in a test.
  const npmrc = join(WORK, 'tmp/npmrc');
  const ca = certificates();
  writeFileSync(npmrc, ca ? 'cafile=/run/secrets/ca\n' : '');
  const secrets = [`id=npmrc,src=${npmrc}`, ...(ca ? [`id=ca,src=${ca}`] : [])].flatMap((one) => ['--secret', one]);
  const revision = await run('git', ['rev-parse', 'HEAD'], { cwd: REPOSITORY }).catch(() => '');
  const labels = { VERSION: version, REVISION: revision, CREATED: new Date().toISOString() };
  const args = Object.entries(labels).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  // OCI's own format has no HEALTHCHECK.
  const how = ['--format', 'docker', '--pull-never', '--network', 'host'];
  await buildah('bud', ...how, ...secrets, ...args, '-f', `docker/${target}/Dockerfile`, '-t', image, '.');
  // What bore this name before.
  await buildah('rmi', '--prune');
  writeFileSync(record, JSON.stringify({ inputs, id: await imageExists(image) }));
  return true;
}

async function hashOfInputs(target) {
  const ignore = readFileSync(join(REPOSITORY, '.dockerignore'), 'utf8');
  const wanted = [...ignore.matchAll(/^!(.+)$/gm)].map(([, path]) => path);
  const all = ['.dockerignore', `docker/${target}/Dockerfile`, ...wanted];
  const listed = await run('git', ['ls-files', '-co', '--exclude-standard', '--', ...all], { cwd: REPOSITORY });
  const hash = createHash('sha256');
  for (const path of listed.split('\n').filter((name) => !/\.test\.ts$|testkit\/src|\.md$/.test(name))) {
    const file = join(REPOSITORY, path);
    hash.update(`${path}\0`).update(existsSync(file) ? readFileSync(file) : '');
  }
  return hash.digest('hex');
}
