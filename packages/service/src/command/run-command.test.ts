import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../config/load-config.js';
import { createLogger } from '../log/logger.js';
import type { CommandOptions } from './run-command.js';
import { runCommand } from './run-command.js';
import type { RunningService } from './running-service.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khp-command-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A process of its own for the command, so that the one of the tests hears no signal. */
function setup({
  isTTY = false,
  ...options
}: Partial<CommandOptions<typeof proxyConfig>> & { readonly isTTY?: boolean } = {}) {
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
  const start = vi.fn<CommandOptions<typeof proxyConfig>['start']>(async () => {
    queueMicrotask(() => events.emit('started'));
    return { stop };
  });
  const run = (...argv: string[]) =>
    runCommand({
      name: 'kafka-proxy',
      description: 'HTTP in.',
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

function file(text: string): string {
  const path = join(folder, 'test.yaml');
  writeFileSync(path, text);
  return path;
}

describe('--check', () => {
  it('prints the effective configuration as YAML that loads again, and starts nothing', async () => {
    const { run, out, start, exit } = setup({ environment: { DEFAULT_TIMEOUT: '5' } });
    expect(await run('--check', '--config', file('port: 1234'))).toBe(0);
    expect(exit).toHaveBeenCalledExactlyOnceWith(0);
    expect(start).not.toHaveBeenCalled();
    expect(parse(out())).toMatchObject({ port: 1234, default_timeout: 5, max_timeout: 300 });
    expect(loadConfig({ schema: proxyConfig, file: file(out()), environment: {} }).default_timeout).toBe(5);
  });

  it('prints JSON with --json, and no secret', async () => {
    const { run, out } = setup({ environment: { KAFKA_PROPERTY_SASL_PASSWORD: 'hunter2' } });
    expect(await run('--check', '--json')).toBe(0);
    expect(JSON.parse(out())).toMatchObject({ kafka: { properties: { 'sasl.password': '***' } } });
  });

  it('writes one line a mistake to stderr and exits with 2', async () => {
    const { run, out, err, exit } = setup();
    const path = file('port: soon\nwire: v3\n');
    expect(await run('--check', '--config', path)).toBe(2);
    expect(exit).toHaveBeenCalledExactlyOnceWith(2);
    expect(out()).toBe('');
    expect(err()).toBe(
      `${path}:1:1 port: a port of 0 to 65535 was expected, "soon" was found\n${path}:2:1 wire: v1 or v2 was expected, "v3" was found\n`,
    );
  });
});

describe('a variable that is one letter from one of ours', () => {
  const environment = { KAFKA_BOOTSTRAP_SERVER: 'a:9092' };
  const sentence = 'nothing reads the variable KAFKA_BOOTSTRAP_SERVER; did you mean KAFKA_BOOTSTRAP_SERVERS?';

  it('is a warning of --check, beside the configuration', async () => {
    const { run, out, err } = setup({ environment });
    expect(await run('--check', '--json')).toBe(0);
    expect(err()).toBe(`warning: ${sentence}\n`);
    expect(JSON.parse(out())).toMatchObject({ kafka: { bootstrap_servers: 'kafka:9092' } });
  });

  it('is a warning in the log of a start', async () => {
    const { run, events, messages } = setup({ environment });
    const done = run();
    await once(events, 'started');
    events.emit('SIGTERM', 'SIGTERM');
    await done;
    expect(messages()).toContain(`warn ${sentence}`);
  });
});

describe('on a terminal', () => {
  const summary = () => ({ listening: 'http://0.0.0.0:1234', label: 'routes', ways: ['any path -> a -> b'] });
  const start = (connected: Promise<void>) => async () => ({ connected, stop: async () => undefined });

  it('a start is five lines and not in the log', async () => {
    const { run, out, messages, events } = setup({ isTTY: true, summary, start: start(Promise.resolve()) });
    const done = run();
    await vi.waitFor(() => expect(out()).toContain('ready'));
    expect(messages()).toEqual([]);
    events.emit('SIGTERM', 'SIGTERM');
    await done;
    expect(out().split('\n')).toEqual([
      'kafka-proxy 2.0.0',
      'Kafka      kafka:9092',
      'listening  http://0.0.0.0:1234',
      'routes     any path -> a -> b',
      'ready      Ctrl-C stops it',
      '',
    ]);
  });

  it('it is not called ready before it can do its work', async () => {
    const { run, out, events } = setup({ isTTY: true, summary, start: start(new Promise(() => {})) });
    const done = run();
    await vi.waitFor(() => expect(out()).toContain('routes'));
    events.emit('SIGTERM', 'SIGTERM');
    await done;
    expect(out()).not.toContain('ready');
  });

  it('the configuration is in the log at debug, beside the lines', async () => {
    const environment = { LOG_LEVEL: 'debug' };
    const { run, out, log, events } = setup({ isTTY: true, summary, start: start(Promise.resolve()), environment });
    const done = run();
    await vi.waitFor(() => expect(out()).toContain('ready'));
    events.emit('SIGTERM', 'SIGTERM');
    await done;
    expect(log[0]).toMatchObject({ level: 'debug', msg: 'starting', config: { port: 8080 } });
  });

  it('nothing is printed where the log is to be silent about it', async () => {
    const environment = { LOG_LEVEL: 'warn' };
    const { run, out, events, stop } = setup({ isTTY: true, summary, environment });
    const done = run();
    await once(events, 'started');
    events.emit('SIGTERM', 'SIGTERM');
    await done;
    expect([out(), stop.mock.calls.length]).toEqual(['', 1]);
  });
});

describe('what the schema can’t tell', () => {
  const judge = async () => [
    { path: ['kafka', 'properties', 'sasl.mechanismx'], sentence: 'no such property' },
    { path: ['kafka', 'properties', 'sasl.password'], sentence: 'a password was expected, hunter2 was found' },
  ];
  const text = 'kafka:\n  properties:\n    sasl.mechanismx: PLAIN\n';
  const environment = { KAFKA_PROPERTY_SASL_PASSWORD: 'hunter2' };

  it.each([[['--check']], [[]]])(
    'is one line each where it was said, without secrets, and exit 2, with %j',
    async (flags) => {
      const { run, err, out, start, exit } = setup({ judge, environment });
      const path = file(text);
      expect(await run(...flags, '--config', path)).toBe(2);
      expect(err()).toBe(
        `${path}:3:5 kafka.properties.sasl.mechanismx: no such property\n` +
          'KAFKA_PROPERTY_SASL_PASSWORD kafka.properties.sasl.password: a password was expected, *** was found\n',
      );
      expect(out()).toBe('');
      expect(start).not.toHaveBeenCalled();
      expect(exit).toHaveBeenCalledExactlyOnceWith(2);
    },
  );

  it('is not asked about a configuration that the schema refuses', async () => {
    const asked = vi.fn(judge);
    const { run } = setup({ judge: asked });
    expect(await run('--check', '--config', file('port: soon'))).toBe(2);
    expect(asked).not.toHaveBeenCalled();
  });
});

describe('the command line', () => {
  it('exits with 2 and no stack when the configuration can’t be used', async () => {
    const { run, err, start, log } = setup();
    expect(await run('--config', '/nowhere')).toBe(2);
    expect(err()).toBe('/nowhere: a configuration file was expected, there is no such file\n');
    expect(start).not.toHaveBeenCalled();
    expect(log).toEqual([]);
  });

  it('lists the variables in --help', async () => {
    const { run, out } = setup();
    expect(await run('--help')).toBe(0);
    expect(out()).toMatch(/PROXY_PORT +HTTP port; 0 takes a free one\. \(port, default 8080\)/);
    expect(out()).toContain('KAFKA_PROPERTY_<NAME>');
    expect(out()).not.toContain('CONSUMER_GROUP_<NAME>');
    expect(
      Math.max(
        ...out()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(100);
  });

  it('lists CONSUMER_GROUP_<NAME> for the processor', async () => {
    const { run, out } = setup({ schema: processorConfig } as never);
    await run('--help');
    expect(out()).toContain('CONSUMER_GROUP_<NAME>');
  });

  it('prints the version', async () => {
    const { run, out } = setup();
    expect(await run('--version')).toBe(0);
    expect(out()).toBe('2.0.0\n');
  });

  it.each([
    ['foo', '--config <file>, --check, --json, --help or --version was expected, "foo" was found'],
    [
      'proxy.yaml',
      '--config <file>, --check, --json, --help or --version was expected, "proxy.yaml" was found; for a configuration file: --config proxy.yaml',
    ],
    ['processor', '"processor" has to come first: kafka-proxy processor'],
  ])('names a stray word, says what can stand there, and exits with 2: %s', async (word, sentence) => {
    const { run, err, start } = setup({ words: ['proxy', 'processor'] });
    expect(await run('--check', word)).toBe(2);
    expect(err()).toBe(`${sentence}\n`);
    expect(start).not.toHaveBeenCalled();
  });

  it('names the absolute path of a file that is not there', async () => {
    const { run, err } = setup();
    expect(await run('--config', 'nowhere.yaml')).toBe(2);
    expect(err()).toBe(`${process.cwd()}/nowhere.yaml: a configuration file was expected, there is no such file\n`);
  });

  it('exits with 2 for an unknown option, and suggests one', async () => {
    const { run, err } = setup();
    expect(await run('--confg', 'a')).toBe(2);
    expect(err()).toContain('--config');
  });
});

describe('a service', () => {
  it('is given its configuration, a logger and a registry', async () => {
    const { run, start, events } = setup({ environment: { PROXY_PORT: '1234' } });
    const done = run();
    await once(events, 'started');
    const [config, context] = start.mock.calls[0] ?? [];
    expect(config?.port).toBe(1234);
    expect(await context?.registry.metrics()).toContain('kafka_http_proxy_build_info');
    events.emit('SIGTERM', 'SIGTERM');
    await done;
  });

  it('logs its configuration without secrets', async () => {
    const { run, log, events } = setup({ environment: { KAFKA_PROPERTY_SASL_PASSWORD: 'hunter2' } });
    const done = run();
    await once(events, 'started');
    events.emit('SIGTERM', 'SIGTERM');
    await done;
    expect(JSON.stringify(log)).not.toContain('hunter2');
    expect(log[0]).toMatchObject({ msg: 'starting', config: { port: 8080 } });
  });

  it.each(['SIGTERM', 'SIGINT'])('stops at %s and exits with 0', async (signal) => {
    const { run, stop, exit, events, messages } = setup();
    const done = run();
    await once(events, 'started');
    events.emit(signal, signal);
    expect(await done).toBe(0);
    expect(stop).toHaveBeenCalledOnce();
    expect(exit).toHaveBeenCalledExactlyOnceWith(0);
    expect(messages().at(-1)).toBe('info stopped');
    // Signals are heard to the end: a repeat must not end it before its exit code is told.
    expect(events.eventNames().sort()).toEqual(['SIGINT', 'SIGTERM']);
  });

  it('exits with 1 when the grace runs out, and says so', async () => {
    const { run, stop, events, messages } = setup({ environment: { SHUTDOWN_GRACE: '0.02' } });
    stop.mockReturnValue(new Promise(() => {}));
    const done = run();
    await once(events, 'started');
    events.emit('SIGTERM', 'SIGTERM');
    expect(await done).toBe(1);
    expect(messages().at(-1)).toContain('did not end within shutdown_grace (0.02 s)');
  });

  describe('that is told to stop more than once', () => {
    beforeAll(() => void vi.useFakeTimers({ toFake: ['performance'] }));
    afterAll(() => void vi.useRealTimers());

    /** A service that stops when `finish` is called. */
    async function stopping() {
      const made = setup();
      let finish = () => {};
      made.stop.mockReturnValue(
        new Promise((resolve) => {
          finish = resolve;
        }),
      );
      const done = made.run();
      await once(made.events, 'started');
      return { ...made, done, finish: () => finish() };
    }

    it.each([
      ['SIGTERM', 'SIGTERM'],
      ['SIGINT', 'SIGINT'],
      ['SIGINT', 'SIGTERM'],
      ['SIGTERM', 'SIGINT'],
    ])('takes %s and then %s within a second for one stop, and finishes it', async (first, second) => {
      const { events, done, finish, stop, messages } = await stopping();
      events.emit(first, first);
      events.emit(second, second);
      vi.advanceTimersByTime(999);
      events.emit(second, second);
      finish();
      expect(await done).toBe(0);
      expect(stop).toHaveBeenCalledOnce();
      expect(messages().filter((line) => line.startsWith('warn'))).toEqual([]);
    });

    it('exits at once when told again a second after the first time', async () => {
      const { events, done, stop, messages } = await stopping();
      events.emit('SIGTERM', 'SIGTERM');
      events.emit('SIGTERM', 'SIGTERM');
      vi.advanceTimersByTime(1000);
      events.emit('SIGINT', 'SIGINT');
      expect(await done).toBe(1);
      expect(stop).toHaveBeenCalledOnce();
      expect(messages().at(-1)).toBe('warn SIGINT again: exiting at once');
    });
  });

  it('exits with 1 when its stop fails', async () => {
    const { run, stop, events, messages } = setup();
    stop.mockRejectedValue(new Error('flush failed'));
    const done = run();
    await once(events, 'started');
    events.emit('SIGTERM', 'SIGTERM');
    expect(await done).toBe(1);
    expect(messages().at(-1)).toBe('error could not stop cleanly: flush failed');
  });

  it('that can’t start is one log line with its causes, and exit 1', async () => {
    const start = async () => {
      throw new Error('cannot reach Kafka', { cause: new Error('connect ECONNREFUSED') });
    };
    const { run, messages, exit } = setup({ start });
    expect(await run()).toBe(1);
    expect(exit).toHaveBeenCalledExactlyOnceWith(1);
    expect(messages()).toEqual(['info starting', 'fatal could not start: cannot reach Kafka: connect ECONNREFUSED']);
  });

  it('is told by its abort signal to give up a start, and that is no failure', async () => {
    const { run, events, messages } = setup({
      start: (_config, { signal }) => {
        queueMicrotask(() => events.emit('SIGTERM', 'SIGTERM'));
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    expect(await run()).toBe(0);
    expect(messages().at(-1)).toBe('info stopped before the start was done');
  });

  it('is stopped when the signal came before its start was done', async () => {
    const stop = vi.fn().mockResolvedValue(undefined);
    const { run, events } = setup({
      start: async () => {
        events.emit('SIGTERM', 'SIGTERM');
        return { stop };
      },
    });
    expect(await run()).toBe(0);
    expect(stop).toHaveBeenCalledOnce();
  });

  it.each(['unhandledRejection', 'uncaughtException'])('exits with 1 at an %s, logged once', async (fault) => {
    const { run, events, messages } = setup();
    const done = run();
    await once(events, 'started');
    events.emit(fault, new Error('boom'));
    events.emit(fault, new Error('again'));
    expect(await done).toBe(1);
    expect(messages().filter((line) => line.startsWith('fatal'))).toEqual(['fatal an error that nobody caught: boom']);
  });
});
