import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { helpOf, parseCount, takeWords } from './command-line.js';

const driver = () =>
  new Command('test:things')
    .argument('[name...]', 'part of a name')
    .option('--rounds <n>', 'how often', parseCount, 3)
    .addHelpText('after', '\nIt ends with "N passed, N failed".');

describe('the words of a driver', () => {
  it.each([
    [[], [], 3],
    [['--', 'a', '--rounds', '5', 'b'], ['a', 'b'], 5],
  ])('%j are names and options, with or without the -- of pnpm', (argv, names, rounds) => {
    const command = driver();
    expect(takeWords(command, argv)).toBe(true);
    expect([command.args, command.opts()]).toEqual([names, { rounds }]);
  });

  it.each([
    [['--fast'], "unknown option '--fast'"],
    [['--rounds', '0'], "argument '0' is invalid. A whole number, 1 or more, was expected."],
    [['--rounds'], "option '--rounds <n>' argument missing"],
  ])('%j can not be used, and one sentence says so', (argv, sentence) => {
    expect(() => takeWords(driver(), argv)).toThrow(sentence);
  });

  it('may ask for help, which names the options and what stands behind them', () => {
    const command = driver();
    expect(takeWords(command, ['--help'])).toBe(false);
    expect(helpOf(command)).toMatch(/^Usage: test:things .*--rounds <n>.*It ends with "N passed, N failed"\.\n$/s);
  });
});
