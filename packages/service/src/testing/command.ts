import { EventEmitter } from 'node:events';
import { proxyConfig } from '@kafka-http-proxy/protocol';
import { type Mock, vi } from 'vitest';
import { type CommandOptions, runCommand } from '../command/run-command.js';
import type { RunningService } from '../command/running-service.js';
import { createLogger } from '../log/logger.js';

type Options = CommandOptions<typeof proxyConfig>;

/** A command that was not run yet, and what became of it. */
export interface CommandUnderTest {
  /** Its process: emits signals, and `started` at a start. */
  readonly events: EventEmitter;
  run(...argv: string[]): Promise<number>;
  readonly start: Mock<Options['start']>;
  readonly stop: Mock<RunningService['stop']>;
  readonly exit: Mock;
  readonly log: ReadonlyArray<{ readonly level: string; readonly msg: string }>;
  messages(): string[];
  out(): string;
  err(): string;
}

/** A process of its own for the command, so that the one of the tests hears no signal. */
export function setUpCommand({
  isTTY = false,
  ...options
}: Partial<Options> & { readonly isTTY?: boolean } = {}): CommandUnderTest {
  const events = new EventEmitter();
  const out: string[] = [];
  const err: string[] = [];
  const log: { level: string; msg: string }[] = [];
  const exit = vi.fn();
  const host = Object.assign(events, {
    stdout: { isTTY, write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    exit,
  });
  const stop = vi.fn<RunningService['stop']>().mockResolvedValue();
  const start = vi.fn<Options['start']>(async () => {
    queueMicrotask(() => events.emit('started'));
    return { stop };
  });
  const run = (...argv: string[]) =>
    runCommand({
      name: 'kafka-proxy',
      description: 'HTTP in.',
      tier: 'proxy',
      version: '2.0.0',
      schema: proxyConfig,
      start,
      environment: {},
      argv,
      host,
      createLogger: (given) =>
        createLogger({ ...given, destination: { write: (text) => void log.push(JSON.parse(text)) } }),
      ...options,
    });
  const messages = () => log.map(({ level, msg }) => `${level} ${msg}`);
  return { events, run, start, stop, exit, log, messages, out: () => out.join(''), err: () => err.join('') };
}
