import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { repositoryPath } from '../services/service-process.js';
import { hasTerminal } from '../services/terminal.js';

/* What docs/operations.md shows, for the suite to run: what it says is what was tried. */

/** Commands as the page has them, and what it says that they print. */
export interface GuideStep {
  readonly commands: string;
  /** Exit code of the last command. */
  readonly exit: number;
  /** The block of text right behind them; null where there is none. */
  readonly prints: string | null;
  /** For the name of a test. */
  readonly title: string;
}

const BLOCK = /^```sh suite=(\w+)(?: exit=(\d+))?\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?/gms;

/** The steps of one world, in the order of the page. @throws {Error} when there is none */
export function guideSteps(world: string): GuideStep[] {
  const page = readFileSync(repositoryPath('docs/operations.md'), 'utf8');
  const steps = [...page.matchAll(BLOCK)]
    .filter(([, name]) => name === world)
    .map(([, , exit = '0', commands = '', prints]) => ({
      commands,
      exit: Number(exit),
      prints: prints ?? null,
      title: commands.trim().split('\n').at(-1) ?? '',
    }));
  if (steps.length === 0) throw new Error(`docs/operations.md has no block: sh suite=${world}`);
  return steps;
}

/** What a step came to. */
export interface StepResult {
  readonly exit: number;
  readonly output: string;
}

/** Runs commands in bash, at a terminal where one can be had. */
export async function runStep(
  commands: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<StepResult> {
  const [program, args] = hasTerminal
    ? (['script', ['--quiet', '--return', '--command', 'bash -euo pipefail -c "$STEP"', '/dev/null']] as const)
    : (['bash', ['-euo', 'pipefail', '-c', commands]] as const);
  const child = spawn(program, args, {
    cwd,
    env: { TERM: 'xterm', COLUMNS: '160', SHELL: '/bin/sh', STEP: commands, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [exit] = (await once(child, 'close')) as [number];
  return { exit, output: output.replaceAll(REDRAWN, '\n').replaceAll(COLOURS, '').replaceAll('\r', '') };
}

/** The lines that the page shows and the output does not have, in this order; numbers, ids and times may be others. */
export function missingLines(prints: string, output: string): string[] {
  const found = output.split('\n').map(alike);
  let at = 0;
  return prints.split('\n').filter((line) => {
    const wanted = alike(line);
    if (wanted === '' || wanted === '…') return false;
    const matches = wanted.endsWith('…')
      ? (text: string) => text.startsWith(wanted.slice(0, -1).trimEnd())
      : (text: string) => text === wanted;
    const next = found.findIndex((text, i) => i >= at && matches(text));
    if (next >= 0) at = next + 1;
    return next < 0;
  });
}

function alike(line: string): string {
  return line
    .replaceAll(/[\w-]{8}-[\w-]{12}(?![\w-])/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?/g, 'TIME')
    .replaceAll(/\d{8}-\d{4}-[0-9a-f]{4}/g, 'RUN')
    .replaceAll(/ \w+@[\w.-]+ /g, ' WHO ')
    .replaceAll(/\d+(?:\.\d+)?/g, '#')
    .replaceAll(/# ?(?:ms|s|m|h|B|kB|MB)\b/g, '#')
    .replaceAll(/(?:# ?)+/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/* biome-ignore-start lint/suspicious/noControlCharactersInRegex: an escape is what colours and cursors begin with */
/** The line is begun again, or taken away: what follows is a line of its own. */
const REDRAWN = /\x1b\[[\d;]*[GK]/g;
const COLOURS = /\x1b(?:\[[?\d;]*[a-zA-Z]|[78])/g;
/* biome-ignore-end lint/suspicious/noControlCharactersInRegex: no more */
