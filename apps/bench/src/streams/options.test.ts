import { takeWords } from '@kafka-http-proxy/testkit';
import { describe, expect, it } from 'vitest';
import { formatBytes, PARTS, parseBytes, streamsCommand, streamsOptions } from './options.js';

function parseOptions(argv: readonly string[]) {
  const command = streamsCommand();
  return takeWords(command, argv) ? streamsOptions(command) : null;
}

describe('the options of bench:streams', () => {
  it('run all parts with the sizes of the issue when nothing is said', () => {
    expect(parseOptions([])).toEqual({
      parts: PARTS,
      direct: false,
      json: false,
      size: 2 ** 30,
      rounds: 1,
      streams: 500,
      rate: 10,
      seconds: 20,
      profile: undefined,
      env: {},
    });
  });

  it('are read behind the -- that pnpm passes on', () => {
    expect(parseOptions(['--', 'sse', '--rate', '5', '--json'])).toMatchObject({ parts: ['sse'], rate: 5, json: true });
  });

  it('take variables of the services', () => {
    const options = parseOptions(['--env', 'STREAM_WINDOW=65536', '--env', 'KAFKA_PROPERTIES={"a":"b=c"}']);
    expect(options?.env).toEqual({ STREAM_WINDOW: '65536', KAFKA_PROPERTIES: '{"a":"b=c"}' });
    expect(() => parseOptions(['--env', 'STREAM_WINDOW'])).toThrow(
      "argument 'STREAM_WINDOW' is invalid. NAME=value was expected.",
    );
  });

  it('keep the order of the parts', () => {
    expect(parseOptions(['kill', 'copy'])?.parts).toEqual(['copy', 'kill']);
  });

  it('refuse what they do not know', () => {
    expect(() => parseOptions(['speed'])).toThrow("'speed' is invalid for argument 'part'");
    expect(() => parseOptions(['--rate', 'fast'])).toThrow("'--rate <n>' argument 'fast' is invalid");
    expect(() => parseOptions(['--size', '1GB'])).toThrow("'--size <bytes>' argument '1GB' is invalid");
    expect(() => parseOptions(['--fast'])).toThrow();
  });

  it('ask for help', () => {
    expect(parseOptions(['--help'])).toBeNull();
  });
});

describe('sizes', () => {
  it('are read and written', () => {
    expect(parseBytes('1000')).toBe(1000);
    expect(parseBytes('256MiB')).toBe(268_435_456);
    expect(formatBytes(2 ** 30)).toBe('1 GiB');
    expect(formatBytes(1536 * 2 ** 20)).toBe('1536 MiB');
    expect(formatBytes(1000)).toBe('1000 bytes');
  });
});
