import { describe, expect, it } from 'vitest';
import { chooseMode, usage } from './mode.js';

describe('the mode of the one binary', () => {
  it.each([
    [['proxy', '--check'], {}, 'proxy', ['--check']],
    [['--config', 'x'], { MODE: 'processor' }, 'processor', ['--config', 'x']],
    [[], {}, 'proxy', []],
    [[], { MODE: '' }, 'proxy', []],
    [['--help'], {}, 'help', []],
    [['--help'], { MODE: 'proxy' }, 'proxy', ['--help']],
    [[], { MODE: 'both' }, 'unknown', []],
    [['demo'], { MODE: 'proxy' }, 'demo', []],
    [['help'], {}, 'help', []],
    [['help', 'proxy'], {}, 'proxy', ['--help']],
    [['help', 'request'], { MODE: 'proxy' }, 'operator', ['request', '--help']],
    [['help', 'dlq', 'replay'], {}, 'operator', ['dlq', 'replay', '--help']],
    [['help', 'prxy'], {}, 'stray', ['prxy']],
    [['lag', '--help'], {}, 'operator', ['lag', '--help']],
    [['complete', '--', 'lag', '--'], {}, 'complete', ['lag', '--']],
    [['--version'], {}, 'proxy', ['--version']],
    [['-h'], {}, 'help', []],
    [['processor', 'x', '--check', '--', '-y'], {}, 'processor', ['x', '--check', '--', '-y']],
    [['--check', 'processor'], {}, 'proxy', ['--check', 'processor']],
    [['proxy', '--help'], {}, 'proxy', ['--help']],
    [['prxy', '--check'], {}, 'stray', ['prxy', '--check']],
    [['prxy'], { MODE: 'processor' }, 'stray', ['prxy']],
  ])('%j with %j is %s', (argv, environment, mode, rest) => {
    expect(chooseMode(argv, environment)).toEqual({ mode, argv: rest });
  });
});

it('the help names each word and what decides without one', () => {
  expect(usage()).toMatch(/^Usage: kafka-http-proxy \[command\] \[options\]\n/);
  for (const text of ['  proxy ', '  processor ', '  demo ', 'MODE=proxy|processor decides']) {
    expect(usage()).toContain(text);
  }
});

it('the help groups services and the commands of operators, and says which of these write', () => {
  expect(usage()).toMatch(
    /\nServices:\n {2}proxy .*\n {2}processor .*\n {2}demo [^\n]*\n[^\n]*\n\nCommands for operators \(ro/,
  );
  expect(usage()).toMatch(/\n {2}lag {9}ro {2,}\w/);
  expect(usage()).toMatch(/\n {2}request {5}rw {2,}\w/);
  expect(usage()).not.toContain('complete ');
});
