import { describe, expect, it } from 'vitest';
import { chooseMode, usage } from './mode.js';
import { OPERATOR_COMMANDS } from './program/commands.js';

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
  const groups = usage().split(/\n\n(?=\S)/);
  const words = (heading: string) =>
    [...(groups.find((group) => group.startsWith(heading)) ?? '').matchAll(/^ {2}(\w+) +(r[ow]\+? )?/gm)].map(
      ([, word, impact = '']) => `${word} ${impact}`.trim(),
    );
  expect(words('Services:')).toEqual(['proxy', 'processor', 'demo']);
  expect(words('Commands for operators')).toEqual(OPERATOR_COMMANDS.map(({ word, impact }) => `${word} ${impact}`));
  expect(words('Help:')).toEqual(['help']);
  expect(usage()).not.toContain('complete ');
});
