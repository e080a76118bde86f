import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { mustRun, type OtherServer, startServer } from '../machine/program.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import { crane } from './crane.js';

/*
 * A container image, pushed to a registry and pulled from it: layers go up chunked, by PATCH, come
 * down whole, and each is asked for by its SHA-256.
 */

const LAYER_BYTES = 64_000_000;

let dir: string;
let program: string;
let registry: OtherServer;
let bridge: Bridge;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'khp-registry-'));
  program = await crane();
  registry = await startServer(program, ['registry', 'serve', '--address', '127.0.0.1:0'], /serving on port (\d+)/);
  bridge = await startBridge({ broker: inject('broker'), backendUrl: registry.url });
}, 120_000);

afterAll(async () => {
  await bridge?.close();
  await registry?.stop();
  if (dir) await rm(dir, { recursive: true, force: true });
});

it.each([
  ['directly', () => registry.url],
  ['through the bridge', () => bridge.origin],
])('an image of 64 MB is pushed and pulled %s', async (how, origin) => {
  const run = (...args: string[]) => mustRun(program, ['--insecure', ...args], { cwd: dir });
  const name = how.replaceAll(' ', '-');
  const image = `${new URL(origin()).host}/${name}:1`;
  // A layer of its own: the registry is not sent what it has, in whatever repository.
  await writeFile(join(dir, 'random'), randomBytes(LAYER_BYTES));
  await mustRun('tar', ['cf', 'layer.tar', 'random'], { cwd: dir });
  const startedMs = performance.now();
  // On no base: the layer is all there is.
  await run('append', '--new_layer', 'layer.tar', '--new_tag', image);
  const pushedMs = performance.now();
  await run('pull', '--format', 'oci', image, name);
  const pulledMs = performance.now();
  process.stderr.write(
    `registry ${how}: push ${Math.round(pushedMs - startedMs)} ms, pull ${Math.round(pulledMs - pushedMs)} ms\n`,
  );

  // Asked of the registry itself, without the bridge.
  const there = `${new URL(registry.url).host}/${name}:1`;
  const digest = (await run('digest', there)).trim();
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await run('validate', '--remote', there)).toContain('PASS');
  const index = JSON.parse(await readFile(join(dir, name, 'index.json'), 'utf8')) as {
    manifests: Array<{ digest: string }>;
  };
  expect(index.manifests.map((manifest) => manifest.digest)).toEqual([digest]);
  const blobs = join(dir, name, 'blobs/sha256');
  let bytes = 0;
  for (const blob of await readdir(blobs)) {
    const content = await readFile(join(blobs, blob));
    expect(createHash('sha256').update(content).digest('hex')).toBe(blob);
    bytes += (await stat(join(blobs, blob))).size;
  }
  expect(bytes).toBeGreaterThan(LAYER_BYTES);
});
