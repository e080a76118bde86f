import { once } from 'node:events';
import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../config/load-config.js';
import { setUpCommand } from '../testing/command.js';
import { useConfigFiles } from '../testing/config-files.js';

const { file } = useConfigFiles();

describe('--check', () => {
  it('prints the effective configuration as YAML that loads again, and starts nothing', async () => {
    const { run, out, start, exit } = setUpCommand({ environment: { DEFAULT_TIMEOUT: '5' } });
    expect(await run('--check', '--config', file('port: 1234'))).toBe(0);
    expect(exit).toHaveBeenCalledExactlyOnceWith(0);
    expect(start).not.toHaveBeenCalled();
    expect(parse(out())).toMatchObject({ port: 1234, default_timeout: 5, max_timeout: 300 });
    expect(loadConfig({ schema: proxyConfig, file: file(out()), environment: {} }).default_timeout).toBe(5);
  });

  it('prints JSON with --json, and no secret', async () => {
    const { run, out } = setUpCommand({ environment: { KAFKA_PROPERTY_SASL_PASSWORD: 'hunter2' } });
    expect(await run('--check', '--json')).toBe(0);
    expect(JSON.parse(out())).toMatchObject({ kafka: { properties: { 'sasl.password': '***' } } });
  });

  it('writes one line a mistake to stderr and exits with 2', async () => {
    const { run, out, err, exit } = setUpCommand();
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
    const { run, out, err } = setUpCommand({ environment });
    expect(await run('--check', '--json')).toBe(0);
    expect(err()).toBe(`warning: ${sentence}\n`);
    expect(JSON.parse(out())).toMatchObject({ kafka: { bootstrap_servers: 'kafka:9092' } });
  });

  it('is a warning in the log of a start', async () => {
    const { run, events, messages } = setUpCommand({ environment });
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
    const { run, out, messages, events } = setUpCommand({ isTTY: true, summary, start: start(Promise.resolve()) });
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
    const { run, out, events } = setUpCommand({ isTTY: true, summary, start: start(new Promise(() => {})) });
    const done = run();
    await vi.waitFor(() => expect(out()).toContain('routes'));
    events.emit('SIGTERM', 'SIGTERM');
    await done;
    expect(out()).not.toContain('ready');
  });

  it('the configuration is in the log at debug, beside the lines', async () => {
    const environment = { LOG_LEVEL: 'debug' };
    const { run, out, log, events } = setUpCommand({
      isTTY: true,
      summary,
      start: start(Promise.resolve()),
      environment,
    });
    const done = run();
    await vi.waitFor(() => expect(out()).toContain('ready'));
    events.emit('SIGTERM', 'SIGTERM');
    await done;
    expect(log[0]).toMatchObject({ level: 'debug', msg: 'starting', config: { port: 8080 } });
  });

  it('nothing is printed where the log is to be silent about it', async () => {
    const environment = { LOG_LEVEL: 'warn' };
    const { run, out, events, stop } = setUpCommand({ isTTY: true, summary, environment });
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
      const { run, err, out, start, exit } = setUpCommand({ judge, environment });
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
    const { run } = setUpCommand({ judge: asked });
    expect(await run('--check', '--config', file('port: soon'))).toBe(2);
    expect(asked).not.toHaveBeenCalled();
  });
});

describe('the command line', () => {
  it('exits with 2 and no stack when the configuration can’t be used', async () => {
    const { run, err, start, log } = setUpCommand();
    expect(await run('--config', '/nowhere')).toBe(2);
    expect(err()).toBe('/nowhere: a configuration file was expected, there is no such file\n');
    expect(start).not.toHaveBeenCalled();
    expect(log).toEqual([]);
  });

  it('lists the variables in --help', async () => {
    const { run, out } = setUpCommand();
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
    const { run, out } = setUpCommand({ schema: processorConfig } as never);
    await run('--help');
    expect(out()).toContain('CONSUMER_GROUP_<NAME>');
  });

  it('prints the version', async () => {
    const { run, out } = setUpCommand();
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
    const { run, err, start } = setUpCommand({ words: ['proxy', 'processor'] });
    expect(await run('--check', word)).toBe(2);
    expect(err()).toBe(`${sentence}\n`);
    expect(start).not.toHaveBeenCalled();
  });

  it('names the absolute path of a file that is not there', async () => {
    const { run, err } = setUpCommand();
    expect(await run('--config', 'nowhere.yaml')).toBe(2);
    expect(err()).toBe(`${process.cwd()}/nowhere.yaml: a configuration file was expected, there is no such file\n`);
  });

  it('exits with 2 for an unknown option, and suggests one', async () => {
    const { run, err } = setUpCommand();
    expect(await run('--confg', 'a')).toBe(2);
    expect(err()).toContain('--config');
  });
});
