import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startReloader } from '../testing/reload.js';

const SECRET = 'correct-horse';

describe('a configuration that changed', () => {
  it('is taken at the next look, and told by its keys', async () => {
    const { reloader, apply, lines, write, metrics } = await startReloader({ 'proxy.yaml': 'default_timeout: 10\n' });
    const before = reloader.status();
    await reloader.look();
    expect(apply).not.toHaveBeenCalled();
    write('proxy.yaml', 'default_timeout: 20\nroutes: [{ path: /a, request_topic: a }]\n');
    await reloader.look();
    await reloader.look();
    expect(apply).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ default_timeout: 20 }), {
      keys: ['default_timeout', 'routes'],
      files: [],
    });
    expect(lines).toEqual(['the changed configuration is in effect: default_timeout, routes']);
    expect(reloader.status().config_hash).not.toBe(before.config_hash);
    expect(reloader.status().config_error).toBeNull();
    expect(await metrics()).toContain('proxy_config_reloads_total{result="taken"} 1');
  });

  it('is no change where it was written just before the start: it is read again, and nothing is told', async () => {
    const texts = { 'proxy.yaml': 'default_timeout: 10\n' };
    const { reloader, lines, metrics } = await startReloader(texts, () => ({}), 0);
    expect(lines).toEqual([]);
    expect(await metrics()).toContain('proxy_config_reloads_total{result="taken"} 0');
    await reloader.ask();
    expect(await metrics()).toContain('proxy_config_reloads_total{result="taken"} 1');
  });

  it('is refused with every mistake and its line, and what was stays; mended, it is taken', async () => {
    const { reloader, apply, lines, write, metrics } = await startReloader({ 'proxy.yaml': 'default_timeout: 10\n' });
    const before = reloader.status();
    write('proxy.yaml', 'default_timeout: soon\nmax_pendin: 3\n');
    await reloader.look();
    await reloader.look();
    expect(apply).not.toHaveBeenCalled();
    expect(lines).toEqual([
      'the changed configuration is refused: /proxy.yaml:1:1 default_timeout: a time in seconds, above 0 was expected, "soon" was found',
      'the changed configuration is refused: /proxy.yaml:2:1 max_pendin: an unknown key; did you mean "max_pending"?',
      expect.stringMatching(/^the configuration of \d{4}-.*Z stays in effect$/),
    ]);
    expect(reloader.status()).toEqual({ ...before, config_error: expect.stringContaining('proxy.yaml:1:1') });
    expect(reloader.status().config_error?.split('\n')).toHaveLength(2);
    expect(await metrics()).toContain('proxy_config_last_reload_successful 0');
    write('proxy.yaml', 'default_timeout: 10\n');
    await reloader.look();
    expect(reloader.status().config_error).toBeNull();
    expect(await metrics()).toContain('proxy_config_last_reload_successful 1');
  });

  it('is refused whole where a part of it needs a restart, which is named', async () => {
    const { reloader, apply, write } = await startReloader({ 'proxy.yaml': 'port: 8080\n' });
    write('proxy.yaml', 'default_timeout: 20\nport: 8081\nkafka: { bootstrap_servers: b }\n');
    await reloader.ask();
    expect(apply).not.toHaveBeenCalled();
    expect(reloader.status().config_error?.replaceAll(/^.*\/proxy/gm, 'proxy')).toBe(
      'proxy.yaml:3:10 kafka.bootstrap_servers: this can’t change while the process runs: restart it\n' +
        'proxy.yaml:2:1 port: this can’t change while the process runs: restart it',
    );
  });

  it('that could not be taken is tried again after a while, and told once', async () => {
    const { reloader, apply, lines, clock, write } = await startReloader({ 'proxy.yaml': 'default_timeout: 10\n' });
    apply.mockRejectedValue(new Error('Kafka is away'));
    write('proxy.yaml', 'default_timeout: 20\n');
    await reloader.look();
    await reloader.look();
    expect(apply).toHaveBeenCalledTimes(1);
    clock.ms += 30_000;
    await reloader.look();
    expect(apply).toHaveBeenCalledTimes(2);
    expect(lines).toHaveLength(2);
    expect(reloader.status().config_error).toBe('Kafka is away');
    apply.mockResolvedValue();
    clock.ms += 30_000;
    await reloader.look();
    expect(reloader.status().config_error).toBeNull();
    clock.ms += 30_000;
    await reloader.look();
    expect(apply).toHaveBeenCalledTimes(3);
  });

  it('in the middle of a reload is taken after it', async () => {
    const { reloader, apply, write } = await startReloader({ 'proxy.yaml': 'default_timeout: 10\n' });
    let going = 0;
    apply.mockImplementation(async () => {
      expect(++going).toBe(1);
      if (apply.mock.calls.length === 1) write('proxy.yaml', 'default_timeout: 30\n');
      await new Promise((resolve) => setImmediate(resolve));
      going--;
    });
    write('proxy.yaml', 'default_timeout: 20\n');
    await Promise.all([reloader.look(), reloader.ask(), reloader.look()]);
    expect(apply.mock.calls.map(([next]) => next.default_timeout)).toEqual([20, 30]);
  });

  it('tells when it was read, not when it was taken: what was written meanwhile is not in effect', async () => {
    const { reloader, apply, clock, metrics, write } = await startReloader({ 'proxy.yaml': 'default_timeout: 10\n' });
    clock.ms += 5000;
    const readMs = clock.ms;
    apply.mockImplementation(async () => {
      clock.ms += 1000;
    });
    write('proxy.yaml', 'default_timeout: 20\n');
    await reloader.ask();
    expect(apply).toHaveBeenCalledOnce();
    expect(reloader.status().config_loaded_at).toBe(new Date(readMs).toISOString());
    expect(await metrics()).toContain(`proxy_config_last_reload_success_timestamp_seconds ${readMs / 1000}`);
  });

  it('is taken as it is when nobody writes it any more, and not half', async () => {
    const made = await startReloader({ 'proxy.yaml': 'default_timeout: 10\n' });
    const rest = ['default_timeout: 20\n', 'default_timeout: 20\nmax_pending: 3\n'];
    made.settling = () => {
      const next = rest.shift();
      if (next !== undefined) made.write('proxy.yaml', next);
    };
    made.write('proxy.yaml', '');
    await made.reloader.look();
    expect(made.apply).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ default_timeout: 20, max_pending: 3 }),
      {
        keys: ['default_timeout', 'max_pending'],
        files: [],
      },
    );
  });

  it('is refused when its file is gone, until it is back', async () => {
    const { reloader, write } = await startReloader({ 'proxy.yaml': 'default_timeout: 10\n' });
    rmSync(write('proxy.yaml', ''));
    await reloader.look();
    expect(reloader.status().config_error).toMatch(/a configuration file was expected, there is no such file/);
    write('proxy.yaml', 'default_timeout: 10\n');
    await reloader.look();
    expect(reloader.status().config_error).toBeNull();
  });
});

describe('secrets and certificates', () => {
  const yaml =
    'kafka: { properties: { sasl.password: { file: "{dir}/password" }, ssl.ca.location: "{dir}/ca.pem" } }\n';

  it('are looked at too: a secret by its key, a certificate as a file; no value is told', async () => {
    const { reloader, apply, lines, write } = await startReloader({
      'proxy.yaml': yaml,
      password: 'first',
      'ca.pem': 'one',
    });
    const { config_hash: hash } = reloader.status();
    write('password', SECRET);
    await reloader.look();
    expect(apply.mock.calls[0]?.[1]).toEqual({ keys: ['kafka.properties.sasl.password'], files: [] });
    const path = write('ca.pem', 'two');
    await reloader.look();
    expect(apply.mock.calls[1]?.[1]).toEqual({ keys: [], files: [{ key: 'kafka.properties.ssl.ca.location', path }] });
    expect(lines).toEqual([
      'the changed configuration is in effect: kafka.properties.sasl.password',
      'the changed configuration is in effect: kafka.properties.ssl.ca.location (/ca.pem)',
    ]);
    // A hash of a password could be guessed at.
    expect(reloader.status().config_hash).toBe(hash);
  });

  it('that a refused reload was about are found again when only they are mended', async () => {
    const { reloader, apply, write } = await startReloader({ 'proxy.yaml': yaml, password: 'one', 'ca.pem': 'one' });
    apply.mockRejectedValueOnce(new Error('no such authority'));
    write('ca.pem', 'broken');
    await reloader.look();
    const path = write('ca.pem', 'mended');
    await reloader.look();
    expect(apply.mock.calls[1]?.[1].files).toEqual([{ key: 'kafka.properties.ssl.ca.location', path }]);
    expect(reloader.status().config_error).toBeNull();
  });

  it('in files that variables name are read again', async () => {
    const { reloader, apply, write } = await startReloader({ password: 'one' }, (dir) => ({
      KAFKA_PROPERTY_SASL_PASSWORD_FILE: `${dir}/password`,
    }));
    write('password', SECRET);
    await reloader.ask();
    expect(apply.mock.calls[0]?.[0].kafka.properties['sasl.password']).toBe(SECRET);
  });
});
