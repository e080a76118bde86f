// Builds the images, looks into them, runs them on Apache Kafka and scales them; no Docker engine and no
// registry of images are needed. From the root of the repository, as root, after an install:
//   node scripts/images/ci.mjs
// What it makes stays in KHP_IMAGES_DIR, ~/.cache/kafka-http-proxy-images when not set: the next run is quick.
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, join } from 'node:path';
import { baseName, ensureBase } from './base.mjs';
import { ensureImage } from './build.mjs';
import { openImage, stopAtOnce } from './container.mjs';
import { addedBy, foreignApps, misconfigured, unwanted } from './contents.mjs';
import { buildah, prepareMachine, REPOSITORY, run } from './machine.mjs';
import { runPair } from './pair.mjs';
import { check, conclude, doing, say, table } from './report.mjs';
import { notInLockfile, writeSbom } from './sbom.mjs';
import { runScaling } from './scaling.mjs';

const LIMIT_BYTES = 45e6;
const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
const TARGETS = {
  proxy: { apps: ['proxy'] },
  processor: { apps: ['processor'] },
  combined: { apps: ['cli', 'proxy', 'processor'] },
};
const startedAt = Date.now();
const opened = new Map();
const bytes = new Map();
let base;

await check('the machine, and a stand-in for the base image', async () => {
  await prepareMachine();
  // Of a run that was cut off.
  await buildah('rm', '--all');
  base = baseName(Object.keys(TARGETS));
  await ensureBase(base);
});
if (base) {
  try {
    await buildAll();
    if (opened.size === Object.keys(TARGETS).length) await runAll();
  } catch (error) {
    await check('the driver gets to its end', () => Promise.reject(error));
  } finally {
    for (const image of opened.values()) await image.close();
  }
}
conclude();

async function buildAll() {
  const bare = await openImage(base);
  await bare.close();
  for (const [target, { apps }] of Object.entries(TARGETS)) {
    const image = `kafka-http-proxy/${target}:${version}`;
    const local = `localhost/${image}`;
    const from = Date.now();
    await check(`${image} builds`, async () => {
      const anew = await ensureImage({ target, image: local, base, version });
      say(`        ${anew ? `in ${Math.round((Date.now() - from) / 1000)} s` : 'as before: nothing in it changed'}`);
      opened.set(target, { ...(await openImage(local)), image });
    });
    const built = opened.get(target);
    if (!built) continue;
    const added = await addedBy({ ...built, image: local }, bare.layers);
    bytes.set(image, added.bytes);
    await check(`${image} adds ${megabytes(added.bytes)} MB over its base, 45 at most`, () =>
      added.bytes <= LIMIT_BYTES ? undefined : 'too large',
    );
    await check(`${image} holds no compiler, test, dev dependency, cache or secret`, () => unwanted(added.files));
    await check(`${image} holds no other app`, () => foreignApps(added.files, apps));
    await check(`${image} has its user, init, health check and labels`, () =>
      misconfigured(built, { version, base, image }),
    );
    await check(`${image} ends at once when it is told to before it is up`, async () => {
      const env = { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1', KAFKA_TOPICS: 'a:b,c,http://127.0.0.1:1' };
      const exit = await stopAtOnce(built, { name: `early-${target}`, env });
      // By the signal, or in order where the service was quick.
      return [128 + constants.signals.SIGTERM, 0].includes(exit) ? undefined : `exit code ${exit}`;
    });
    let components = [];
    await check(`${image} has a bill of materials that CycloneDX’s schema accepts`, async () => {
      const bill = await writeSbom(built, version);
      components = bill.components;
      say(`        ${components.length} components: ${bill.file}`);
    });
    await check(`${image} has the versions of the lockfile`, () => {
      const strangers = notInLockfile(components);
      return components.length > 0 && strangers.length === 0 ? undefined : strangers.join(', ') || 'nothing listed';
    });
  }
}

async function runAll() {
  doing('building the testkit');
  await run(join(REPOSITORY, 'node_modules/.bin/tsc'), ['-b', 'packages/testkit'], { cwd: REPOSITORY });
  const testkit = await import(join(REPOSITORY, 'packages/testkit/dist/index.js'));
  doing('starting Kafka');
  const kafka = await testkit.startKafka();
  try {
    const [proxy, processor, combined] = ['proxy', 'processor', 'combined'].map((name) => opened.get(name));
    const rows = [
      ...(await runPair({ name: 'apart', proxy, processor, kafka, testkit })),
      ...(await runPair({ name: 'combined', proxy: combined, processor: combined, kafka, testkit })),
    ];
    await runScaling({ proxy, processor, kafka, testkit });
    table(rows.map((row) => ({ ...row, 'MB over base': megabytes(bytes.get(row.image)) })));
    say(`${basename(base)} · read-only root, runc · ${Math.round((Date.now() - startedAt) / 1000)} s in all`);
  } finally {
    await kafka.stop();
  }
}

function megabytes(count) {
  return (count / 1e6).toFixed(1);
}
