import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../machine/paths.js';

/** Version of the tree, of its packages and of its images. */
export const { version: VERSION } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** The targets of docker/Dockerfile, and the apps of this repository that each image holds. */
export const TARGETS = {
  proxy: ['proxy'],
  processor: ['processor'],
  combined: ['cli', 'proxy', 'processor'],
} as const;

/** One of {@link TARGETS}. */
export type Target = keyof typeof TARGETS;

/** Name of an image, without its registry. */
export function imageName(target: Target): string {
  return `kafka-http-proxy/${target}:${VERSION}`;
}
