import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Host } from '../operator/host.js';
import { runOperator } from './run-operator.js';

async function ran(...argv: string[]) {
  const written: string[] = [];
  const stderr = { write: (text: string) => written.push(text) };
  const host = {
    stdout: { write: () => true },
    stderr,
    stdin: new PassThrough(),
    environment: {},
    signal: new AbortController().signal,
    version: '0.0.0',
  };
  const code = await runOperator(argv, host as unknown as Host);
  return { code, said: written.join('') };
}

describe('a word or an option that is not there', () => {
  it.each([
    ['dlq lst', '"lst" was found; did you mean "list"?'],
    ['dlq -b kafka:9092 lst --limit 3', '"lst" was found; did you mean "list"?'],
    ['dlq reply --yes', '"reply" was found; did you mean "replay"?'],
    ['dlq lst --help', '"lst" was found; did you mean "list"?'],
    ['topics lst', '"lst" was found; did you mean "list"?'],
    ['topics creat -c proxy.yaml', '"creat" was found; did you mean "create"?'],
    ['dlq list --cod timeout', 'Did you mean --code?'],
    ['dlq --hedaer=x', 'Did you mean --header?'],
    ['tail --flow', 'Did you mean --follow?'],
    ['lag --wach', 'Did you mean --watch?'],
    ['check --onyl lag', 'Did you mean --only?'],
    ['request --cuont 3 /', 'Did you mean --count?'],
  ])('%s: is told with the nearest one, exit code 2', async (line, said) => {
    const result = await ran(...line.split(' '));
    expect(result.said).toContain(said);
    expect(result.code).toBe(2);
  });

  it('lists the words that there are, where none is near', async () => {
    const { code, said } = await ran('dlq', '0@41');
    expect(said).toMatch(/^list, show, runs, replay, export, discard or purge was expected, "0@41" was found\n$/);
    expect(code).toBe(2);
  });

  it('leaves values of options and what follows a word of its own alone', async () => {
    expect((await ran('dlq', '--topic', 'lst', '--help')).code).toBe(0);
    expect((await ran('dlq', 'show', 'lst', '--help')).code).toBe(0);
    expect((await ran('dlq', 'help', 'list')).code).toBe(0);
  });
});
