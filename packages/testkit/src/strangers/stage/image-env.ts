import { readFileSync } from 'node:fs';

const DOCKERFILE = new URL('../../../../../docker/Dockerfile', import.meta.url);

/**
 * The variables that all images have by the stage `runtime` of docker/Dockerfile: a process that stands for one of
 * their containers has them too.
 *
 * @throws {Error} where the file has no such stage
 */
export function imageEnv(dockerfile = readFileSync(DOCKERFILE, 'utf8')): Record<string, string> {
  const stage = /^FROM \S+ AS runtime$(.*?)^FROM /ms.exec(dockerfile)?.[1];
  if (stage === undefined) throw new Error('docker/Dockerfile has no stage "runtime"');
  return Object.fromEntries([...stage.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name, value]) => [name, value]));
}
