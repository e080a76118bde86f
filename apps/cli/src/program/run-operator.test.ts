import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { OperatorCommand } from '../operator/command.js';
import { CommandFailure } from '../operator/exit.js';
import { runOperator } from './run-operator.js';

it('prints a failure so that nothing in it reaches the terminal as a command', async () => {
  const command: OperatorCommand = {
    word: 'lag',
    about: 'fails',
    impact: 'ro',
    define: (defined, _host, run) =>
      void defined.action(() => run(() => Promise.reject(new CommandFailure('held by \u001b[31mx\u202e\nask them')))),
  };
  const written: string[] = [];
  const stderr = { write: (text: string) => written.push(text) };
  const host = {
    stdout: stderr,
    stderr,
    stdin: new PassThrough(),
    environment: {},
    signal: new AbortController().signal,
    version: '0.0.0',
  };
  expect(await runOperator(['lag'], host as unknown as Parameters<typeof runOperator>[1], [command])).toBe(1);
  expect(written.join('')).toBe('held by \\x1b[31mx\\u202e\nask them\n');
});
