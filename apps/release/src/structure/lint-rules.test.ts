import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../machine/paths.js';

// The rules of biome.json about imports, seen failing on imports that are planted in an empty tree.
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'khp-lint-'));
  for (const name of ['biome.json', '.gitignore']) await copyFile(join(ROOT, name), join(folder, name));
});
afterAll(() => rm(folder, { recursive: true }));

async function plant(path: string, text: string): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function lint(...paths: string[]): string {
  const { stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin/biome'), ['lint', '--colors=off', ...paths], {
    cwd: folder,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`;
}

it.each([
  ['packages/protocol/src/planted.ts', '@kafka-http-proxy/service', 'packages/protocol is the lowest floor'],
  ['packages/streams/src/planted.ts', '@kafka-http-proxy/kafka', 'packages/streams imports packages/protocol alone'],
  ['packages/tracing/src/planted.ts', '@kafka-http-proxy/kafka', 'packages/tracing imports packages/protocol alone'],
  ['packages/kafka/src/planted.ts', '@kafka-http-proxy/streams', 'packages/kafka imports packages/protocol alone'],
  ['packages/service/src/planted.ts', '@confluentinc/kafka-javascript', 'Only packages/kafka knows the Kafka client'],
  ['apps/proxy/src/planted.ts', '@kafka-http-proxy/processor', 'No tier imports another'],
  ['apps/cli/src/planted.ts', '@kafka-http-proxy/testkit', 'The testkit is for tests'],
  ['apps/processor/src/dispatch/planted.ts', '../backend/backend-head.js', 'dispatch/ imports no other folder'],
  ['apps/processor/src/streams/planted.ts', 'undici', 'The core knows no HTTP'],
  ['apps/proxy/src/exchange/planted.ts', 'node:http', 'The core knows no HTTP'],
])('%s may not import %s', async (path, specifier, told) => {
  await plant(path, `import { createProducer } from '${specifier}';\nconsole.log(createProducer);\n`);
  expect(lint(path)).toContain(told);
});

it('the core may import types and errors of Kafka, but nothing that opens a client', async () => {
  const path = 'apps/proxy/src/exchange/planted.ts';
  await plant(path, `import { KafkaSendError } from '@kafka-http-proxy/kafka';\nconsole.log(KafkaSendError);\n`);
  expect(lint(path)).not.toContain('noRestrictedImports');
  await plant(path, `import { createProducer } from '@kafka-http-proxy/kafka';\nconsole.log(createProducer);\n`);
  expect(lint(path)).toContain('opens no Kafka client');
});

it('files that import each other are refused, also where only types are', async () => {
  await plant('apps/cli/src/one.ts', `import type { Other } from './other.js';\nexport type One = Other;\n`);
  await plant('apps/cli/src/other.ts', `import type { One } from './one.js';\nexport type Other = One;\n`);
  expect(lint('apps/cli/src/one.ts')).toContain('noImportCycles');
});
