import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.js';

describe('parseArguments', () => {
  it('tells words from options, and takes a value from behind = or from the next argument', () => {
    const { words, all } = parseArguments(['up', '-f', 'a.yaml', '--file=b.yaml', 'proxy'], []);
    expect(words).toEqual(['up', 'proxy']);
    expect(all('-f', '--file')).toEqual(['a.yaml', 'b.yaml']);
  });

  it('gives a flag no value', () => {
    const { words, options } = parseArguments(['up', '-d', 'proxy'], ['-d']);
    expect(words).toEqual(['up', 'proxy']);
    expect(options).toEqual([['-d', '']]);
  });

  it('takes all behind -- as words', () => {
    expect(parseArguments(['exec', 'proxy', '--', 'ls', '-l'], []).words).toEqual(['exec', 'proxy', 'ls', '-l']);
  });
});
