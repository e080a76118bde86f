import { describe, expect, it } from 'vitest';
import { chooseMode } from './mode.js';

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
    [['prxy', '--check'], {}, 'stray', ['prxy', '--check']],
    [['prxy'], { MODE: 'processor' }, 'stray', ['prxy']],
  ])('%j with %j is %s', (argv, environment, mode, rest) => {
    expect(chooseMode(argv, environment)).toEqual({ mode, argv: rest });
  });
});
