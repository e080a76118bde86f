import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT } from '../../machine/paths.js';
import { run } from '../../machine/run.js';
import { bashBlocks } from './blocks.js';

const GUIDE = 'docs/deployment.md';
const STAND_INS = ['docker', 'kubectl', 'helm', 'curl'];
const BLOCK_TIMEOUT_MS = 180_000;

const tools = inject('deployment');
const blocks = bashBlocks(readFileSync(join(ROOT, GUIDE), 'utf8'));
const dir = mkdtempSync(join(tmpdir(), 'khp-guide-'));
const bin = join(dir, '.bin');

beforeAll(() => {
  // A checkout of its own to write into, so that nothing is left in this one.
  for (const entry of readdirSync(ROOT)) if (entry !== '.git') symlinkSync(join(ROOT, entry), join(dir, entry));
  mkdirSync(bin);
  for (const name of STAND_INS) {
    const path = join(bin, name);
    writeFileSync(path, `#!/bin/sh\nexec node ${ROOT}apps/release/dist/deploy/guide/main.js ${name} "$@"\n`);
    chmodSync(path, 0o755);
  }
});
afterAll(() => rmSync(dir, { recursive: true }));

/** In the order of the guide: a block may use what those before it made. */
describe(GUIDE, () => {
  it('has commands', () => {
    expect(blocks).not.toEqual([]);
  });

  // Not it.each, which cuts titles short.
  for (const { line, title, marked, text } of blocks) {
    it(`works at line ${line}: ${title}`, { timeout: BLOCK_TIMEOUT_MS }, async () => {
      expect(marked, 'it is not marked by <!-- check: run -->').toBe(true);
      const env = {
        ...process.env,
        PATH: `${bin}:${process.env.PATH}`,
        KHP_GUIDE_STATE: join(dir, '.state.json'),
        KHP_DEPLOYMENT_TOOLS: JSON.stringify(tools),
      };
      await run('bash', ['-euo', 'pipefail', '-c', text], { cwd: dir, env, timeoutMs: BLOCK_TIMEOUT_MS });
    });
  }
});
