import { copyFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT, SOURCES } from '../machine/paths.js';
import { bareEnvironment, run } from '../machine/run.js';

const { dir } = inject('installation');

describe('a program over the packed packages', () => {
  beforeAll(() => {
    copyFileSync(join(SOURCES, 'packaging/consumer/main.ts'), join(dir, 'main.ts'));
    // Whoever compiles for Node has these.
    const types = join(dir, 'node_modules/@types/node');
    mkdirSync(join(types, '..'), { recursive: true });
    rmSync(types, { recursive: true, force: true });
    symlinkSync(join(ROOT, 'node_modules/@types/node'), types);
  });

  it.each([
    ['as it is', []],
    ['under the condition "source", which names nothing here', ['--customConditions', 'source']],
  ])('compiles with all checks, those of libraries too: %s', async (_, how) => {
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--types', 'node'];
    const target = ['--module', 'nodenext', '--target', 'es2023'];
    await run(join(ROOT, 'node_modules/.bin/tsc'), [...strict, ...target, ...how, 'main.ts'], { cwd: dir });
  });

  it('serves a request over the embedded broker', async () => {
    const told = await run(process.execPath, ['main.js'], { cwd: dir, env: bareEnvironment() });
    // Its log comes before.
    expect(JSON.parse(told.split('\n').at(-1) ?? '')).toEqual({ status: 200, body: 'PUT /orders/42' });
  });
});
