import { expect, it } from 'vitest';
import { imageEnv } from './image-env.js';

it('reads the variables of the stage that all images share', () => {
  const file =
    'FROM a AS build\nENV A=1\nFROM b AS runtime\nENV B=2\n# ENV C=3\nENV D=4\nFROM runtime AS proxy\nENV E=5\n';
  expect(imageEnv(file)).toEqual({ B: '2', D: '4' });
  expect(() => imageEnv('FROM a AS build\n')).toThrow('no stage "runtime"');
});

it('finds those of this repository', () => {
  // What a container of 512 MiB needs to hold under load: docs/deployment.md, "Memory of a processor".
  expect(imageEnv()).toMatchObject({ NODE_ENV: 'production', MALLOC_MMAP_THRESHOLD_: '65536' });
});
