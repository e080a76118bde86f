// docs/deployment.md: its ```bash blocks are run, in the order of the guide. `<!-- check: run -->` before
// each says so. docker, kubectl, helm and curl are replaced by stand-ins.mjs: compose files are loaded,
// charts rendered and validated, names looked up.
import { spawnSync } from 'node:child_process';
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
import { fileURLToPath } from 'node:url';
import { ROOT } from './lib.mjs';

const GUIDE = 'docs/deployment.md';
const STAND_INS = ['docker', 'kubectl', 'helm', 'curl'];

export async function checkGuide(report) {
  const blocks = bashBlocks(readFileSync(join(ROOT, GUIDE), 'utf8'));
  await report.check(`${GUIDE} has commands`, () => (blocks.length > 0 ? [] : ['no block was found']));
  const dir = mkdtempSync(join(tmpdir(), 'khp-guide-'));
  try {
    // A checkout of its own to write into, so that nothing is left in this one.
    for (const entry of readdirSync(ROOT)) if (entry !== '.git') symlinkSync(join(ROOT, entry), join(dir, entry));
    const bin = join(dir, '.bin');
    mkdirSync(bin);
    for (const name of STAND_INS) {
      const script = `#!/bin/sh\nexec node ${fileURLToPath(new URL('stand-ins.mjs', import.meta.url))} ${name} "$@"\n`;
      writeFileSync(join(bin, name), script);
      chmodSync(join(bin, name), 0o755);
    }
    for (const { line, marked, text } of blocks) {
      await report.check(`${GUIDE}:${line} ${firstCommand(text)}`, () =>
        marked ? runBlock(text, dir, bin) : ['it is not marked by <!-- check: run -->'],
      );
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function bashBlocks(guide) {
  const pattern = /(<!-- check: run -->\n+)?```bash\n([\s\S]*?)```/g;
  return [...guide.matchAll(pattern)].map(({ index, 0: all, 1: marker, 2: text }) => ({
    line: guide.slice(0, index + all.indexOf('```bash')).split('\n').length,
    marked: marker !== undefined,
    text,
  }));
}

/** What went wrong, if anything. */
function runBlock(text, dir, bin) {
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail'], {
    cwd: dir,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, KHP_GUIDE_STATE: join(dir, '.state.json') },
    input: text,
    encoding: 'utf8',
    timeout: 180_000,
  });
  return status === 0 ? [] : [`ended with ${status}: ${(stderr || stdout).trim()}`];
}

function firstCommand(text) {
  const [line] = text.split('\n');
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
