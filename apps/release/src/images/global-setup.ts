import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startKafka } from '@kafka-http-proxy/testkit';
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { ensurePrograms } from '../machine/debian.js';
import { baseName, ensureBase } from './base.js';
import { ensureImages } from './build.js';
import { buildah, WORK } from './buildah.js';
import { syft } from './sbom.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** What all files of the project `images` use. The images are built before the first test. */
    images: {
      /** Name of the base of all images. */
      readonly base: string;
      readonly bootstrapServers: string;
      /** Path of the program. */
      readonly syft: string;
    };
  }
}

const PROGRAMS = { buildah: 'buildah', debootstrap: 'debootstrap', runc: 'runc', nginx: 'nginx-light', tar: 'tar' };

/** Makes the machine, the base and the images ready. What it makes stays in {@link WORK}: the next run is quick. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (process.getuid?.() !== 0) throw new Error('test:images has to run as root, to mount and to run containers');
  mkdirSync(join(WORK, 'tmp'), { recursive: true });
  await ensurePrograms(PROGRAMS);
  // Of a run that was cut off.
  await buildah('rm', '--all');
  const base = baseName();
  await ensureBase(base);
  const from = Date.now();
  const built = await ensureImages(base);
  console.log(built ? `images built in ${Math.round((Date.now() - from) / 1000)} s` : 'images as before');
  const program = await syft();
  const kafka = await startKafka();
  project.provide('images', { base, bootstrapServers: kafka.bootstrapServers, syft: program });
  return () => kafka.stop();
}
