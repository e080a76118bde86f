import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import type { Host } from '../operator/host.js';
import { createOperatorProgram, runOperator } from '../program/run-operator.js';

const silent = { write: () => true };
const host: Host = {
  stdin: new PassThrough(),
  stdout: silent,
  stderr: silent,
  environment: {},
  signal: new AbortController().signal,
  version: '0.0.0',
};
const FAMILY = 'since until id method path status code client key header topic'.split(' ').map((name) => `--${name}`);

it.each(['dlq', 'dlq list', 'dlq export', 'dlq discard', 'dlq replay --yes'])(
  '%s refuses a time that is none before it asks Kafka',
  async (words) => {
    const said: string[] = [];
    const stderr = { write: (text: string) => said.push(text) };
    const argv = [...words.split(' '), '-b', '127.0.0.1:1', '--dead-letter-topic', 'x', '--since', 'yesterday'];
    expect(await runOperator(argv, { ...host, stderr })).toBe(2);
    expect(said.join('')).toMatch(/^--since: .*"yesterday" was found\n$/);
  },
);

it.each(['tail', 'dlq', 'dlq list', 'dlq export', 'dlq discard', 'dlq replay'])(
  '%s takes all filters, in the same words',
  (words) => {
    const program = createOperatorProgram(host, () => undefined);
    const found = (line: string) =>
      line.split(' ').reduce((at, word) => at.commands.find((one) => one.name() === word) as Command, program);
    const said = (line: string) =>
      found(line).options.flatMap(({ long, flags, description }) =>
        FAMILY.includes(String(long)) ? [[flags, description]] : [],
      );
    expect(said(words)).toEqual(said('tail'));
    expect(said(words)).toHaveLength(FAMILY.length);
  },
);
