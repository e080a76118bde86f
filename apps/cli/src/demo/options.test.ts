import { describe, expect, it } from 'vitest';
import { demoOptions } from './options.js';

describe('the command line of the demo', () => {
  it.each([
    [[], {}, { port: null, configs: null }],
    [['--configs', 'demo'], {}, { port: null, configs: 'demo' }],
    [['--configs'], {}, { mistake: '--configs: a folder was expected' }],
    [[], { PROXY_PORT: '9000' }, { port: 9000, configs: null }],
    [[], { PROXY_PORT: '' }, { port: null, configs: null }],
    [['--help'], {}, 'help'],
    [['-h'], { PROXY_PORT: 'soon' }, 'help'],
    [['now'], {}, { mistake: '--help or --configs <dir> was expected, "now" was found' }],
    [[], { PROXY_PORT: 'soon' }, { mistake: 'PROXY_PORT: a port of 0 to 65535 was expected, "soon" was found' }],
  ])('%j with %j is %j', (argv, environment, options) => {
    expect(demoOptions(argv, environment)).toEqual(options);
  });
});
