import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { ROOT } from '../machine/paths.js';
import { type Demo, startDemo } from './demo.js';

const { dir } = inject('installation');

it.each([
  ['pnpm start in the tree', 'npx', ['-y', 'pnpm@10', 'start'], ROOT],
  ['kafka-http-proxy demo of the packed packages', join(dir, 'node_modules/.bin/kafka-http-proxy'), ['demo'], dir],
] as const)('%s runs the main job, answers curl, and ends on Ctrl-C', async (_, command, args, cwd) => {
  let demo: Demo | undefined = await startDemo(command, args, cwd);
  onTestFinished(async () => await demo?.interrupt());
  const response = await fetch(demo.url, { method: 'POST', body: 'hello' });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ body: 'hello' });
  await demo.interrupt();
  demo = undefined;
});
