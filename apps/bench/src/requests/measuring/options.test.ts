import { takeWords } from '@kafka-http-proxy/testkit';
import { describe, expect, it } from 'vitest';
import { PARTS, requestsCommand, requestsOptions } from './options.js';

function parseOptions(argv: readonly string[]) {
  const command = requestsCommand();
  return takeWords(command, argv) ? requestsOptions(command) : null;
}

describe('the options of bench', () => {
  it('are all parts at length when nothing is said', () => {
    expect(parseOptions([])).toMatchObject({
      parts: PARTS,
      rounds: 20,
      seconds: 1,
      warmUpSeconds: 60,
      connections: [1, 16, 64, 256],
      guard: false,
      out: 'bench-results',
    });
  });

  it('are few short parts with --quick, unless parts are named', () => {
    expect(parseOptions(['--quick'])).toMatchObject({ parts: ['ping', 'load', 'rate', 'start'], connections: [1, 64] });
    expect(parseOptions(['--quick', 'bodies'])?.parts).toEqual(['bodies']);
  });

  it('write no files with --guard', () => {
    expect(parseOptions(['--', '--guard'])).toMatchObject({ guard: true, out: null });
  });

  it('take parts in the order in which they run', () => {
    expect(parseOptions(['soak', 'load', '--connections', '8,32', '--env', 'LOG_LEVEL=error'])).toMatchObject({
      parts: ['load', 'soak'],
      connections: [8, 32],
      env: { LOG_LEVEL: 'error' },
    });
  });

  it.each([
    [['loud'], "'loud' is invalid for argument 'part'"],
    [['--rounds', '0'], "'--rounds <n>' argument '0' is invalid"],
    [['--connections', '1,x'], "'--connections <n,…>' argument '1,x' is invalid"],
    [['--fast'], '--fast'],
  ])('refuse %j', (argv, reason) => {
    expect(() => parseOptions(argv)).toThrow(reason);
  });

  it('are none for --help', () => {
    expect(parseOptions(['--help'])).toBeNull();
  });
});
