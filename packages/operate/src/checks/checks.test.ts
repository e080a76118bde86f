import { expect, it } from 'vitest';
import { pluginResult, pluginUnknown } from './nagios.js';
import { runSteps } from './run-steps.js';
import { selection } from './selection.js';
import type { CheckLine, CheckStep, Finding } from './step.js';

const OK: Finding = { state: 'ok', what: 'is well' };
const FAIL: Finding = { state: 'FAIL', what: 'is not well', fix: 'repair' };

function step(id: string, needs: string[], findings: Finding[], scope?: string): CheckStep {
  return { id, needs, look: () => findings, ...(scope !== undefined && { scope }) };
}

async function run(steps: CheckStep[], selected?: (id: string) => boolean): Promise<CheckLine[]> {
  const lines: CheckLine[] = [];
  for await (const line of runSteps(steps, { failed: () => null, ...(selected && { selected }) })) lines.push(line);
  return lines;
}

it('skips what needs a check that failed, and says which, over as many as there are', async () => {
  const lines = await run([
    step('a', [], [OK]),
    step('b', ['a'], [FAIL]),
    step('c', ['b'], [OK]),
    step('d', ['c'], [OK]),
  ]);
  expect(lines.map(({ id, state, what }) => `${state} ${id} ${what}`)).toEqual([
    'ok a is well',
    'FAIL b is not well',
    'skip c not looked at, since b failed',
    'skip d not looked at, since b failed',
  ]);
});

it('keeps nobody back by what failed in another scope', async () => {
  const lines = await run([
    step('login', [], [FAIL], 'proxy'),
    step('login', [], [OK], 'processor'),
    step('topics', ['login'], [OK], 'proxy'),
    step('topics', ['login'], [OK], 'processor'),
    step('all', ['login'], [OK]),
  ]);
  expect(lines.map(({ id, state }) => `${state} ${id}`)).toEqual([
    'FAIL login',
    'ok login',
    'skip topics',
    'ok topics',
    'skip all',
  ]);
  expect(lines[2]?.what).toBe('proxy: not looked at, since login failed');
});

it('runs only what was selected, and what was not selected keeps nobody back', async () => {
  const steps = [step('kafka.dns', [], [FAIL]), step('kafka.tls.expiry', ['kafka.dns'], [OK]), step('lag', [], [OK])];
  const ids = async (only: string[], skip: string[]) =>
    (await run(steps, selection({ only, skip }))).map(({ id, state }) => `${state} ${id}`);
  expect(await ids(['kafka.*'], ['kafka.dns'])).toEqual(['ok kafka.tls.expiry']);
  expect(await ids([], ['kafka.*'])).toEqual(['ok lag']);
  expect(await ids([], [])).toEqual(['FAIL kafka.dns', 'skip kafka.tls.expiry', 'ok lag']);
});

it('makes a finding of an error that is known, and throws one that is not', async () => {
  const throwing: CheckStep = {
    id: 'a',
    needs: [],
    look: () => Promise.reject(new Error('no broker')),
  };
  await expect(run([throwing])).rejects.toThrow('no broker');
  const failed = (error: unknown): Finding => ({ state: 'FAIL', what: (error as Error).message });
  const lines: CheckLine[] = [];
  for await (const line of runSteps([throwing, step('b', ['a'], [OK])], { failed })) lines.push(line);
  expect(lines.map(({ state }) => state)).toEqual(['FAIL', 'skip']);
});

const line = (state: CheckLine['state'], what = 'x'): CheckLine => ({ id: 'lag', state, what });

it.each([
  [
    [line('ok'), line('skip')],
    0,
    'KAFKA_HTTP_PROXY OK: 1 ok, 0 warn, 0 failed, 1 skipped | ok=1 warn=0 failed=0 skipped=1',
  ],
  [
    [line('ok'), line('warn')],
    1,
    'KAFKA_HTTP_PROXY WARNING: 1 ok, 1 warn, 0 failed, 0 skipped; lag x | ok=1 warn=1 failed=0 skipped=0',
  ],
  [
    [line('FAIL', 'a|b\n\u001b[1m'), line('warn')],
    2,
    'KAFKA_HTTP_PROXY CRITICAL: 0 ok, 1 warn, 1 failed, 0 skipped; lag a/b \\x1b[1m; lag x | ok=0 warn=1 failed=1 skipped=0',
  ],
  [[line('skip')], 3, 'KAFKA_HTTP_PROXY UNKNOWN: 0 ok, 0 warn, 0 failed, 1 skipped | ok=0 warn=0 failed=0 skipped=1'],
])('is one line of a monitoring plugin, whose exit code says the worst: %#', (lines, exitCode, text) => {
  expect(pluginResult(lines)).toEqual({ line: text, exitCode });
});

it('hands figures to graphs', () => {
  const figures = { "lag o'rders": { value: 3, unit: '' }, 'age orders': { value: 2.5, unit: 's' } } as const;
  expect(pluginResult([{ ...line('ok'), figures }]).line).toMatch(/ 'lag o_rders'=3;;;; 'age orders'=2.5s;;;;$/);
  expect(pluginUnknown('--lag-warn: a')).toEqual({ line: 'KAFKA_HTTP_PROXY UNKNOWN: --lag-warn: a', exitCode: 3 });
});
