import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { setUpCommand } from '../testing/command.js';
import { useConfigFiles } from '../testing/config-files.js';
import type { RunningService } from './running-service.js';

const SOON = { timeout: 10_000, interval: 10 };
const files = useConfigFiles();

function setUp(text: string, options: Parameters<typeof setUpCommand>[0] = {}) {
  const path = files.file(text);
  const reload = vi.fn<NonNullable<RunningService['reload']>>(async () => undefined);
  const made = setUpCommand(options);
  made.start.mockImplementation(async () => {
    queueMicrotask(() => made.events.emit('started'));
    return { stop: made.stop, reload };
  });
  const end = async (done: Promise<number>) => {
    made.events.emit('SIGTERM', 'SIGTERM');
    return await done;
  };
  return { ...made, reload, end, path, write: (next: string) => writeFileSync(path, next) };
}

describe('a service that runs', () => {
  it('takes a changed configuration at SIGHUP, and says so in its log and status', async () => {
    const { run, events, reload, start, write, end, path, messages } = setUp('default_timeout: 10\n');
    const done = run('--config', path);
    await once(events, 'started');
    write('default_timeout: 20\n');
    events.emit('SIGHUP', 'SIGHUP');
    await vi.waitFor(() =>
      expect(messages()).toContain('info the changed configuration is in effect: default_timeout'),
    );
    expect(reload).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ default_timeout: 20 }), {
      keys: ['default_timeout'],
      files: [],
    });
    expect(start.mock.calls[0]?.[1].configStatus().config_error).toBeNull();
    expect(await end(done)).toBe(0);
    expect(events.listenerCount('SIGHUP')).toBe(0);
  });

  it('takes it without a signal too, when a file changed', async () => {
    const { run, events, reload, write, end, path } = setUp('default_timeout: 10\n');
    const done = run('--config', path);
    await once(events, 'started');
    write('default_timeout: 20\n');
    await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1), SOON);
    await end(done);
  });

  it('logs by another level from then on, which the service need not know', async () => {
    const { run, events, reload, start, write, end, path, log } = setUp('log_level: error\n');
    const done = run('--config', path);
    await once(events, 'started');
    write('log_level: info\n');
    events.emit('SIGHUP', 'SIGHUP');
    const logger = start.mock.calls[0]?.[1].logger;
    await vi.waitFor(() => expect(logger?.level).toBe('info'));
    expect(reload).not.toHaveBeenCalled();
    await end(done);
    expect(log.at(-1)).toMatchObject({ level: 'info', msg: 'stopped' });
  });

  it('stops by the grace that is in effect', async () => {
    const { run, events, reload, stop, write, path, messages } = setUp('shutdown_grace: 30\n');
    stop.mockReturnValue(new Promise(() => {}));
    const done = run('--config', path);
    await once(events, 'started');
    write('shutdown_grace: 0.02\n');
    events.emit('SIGHUP', 'SIGHUP');
    await vi.waitFor(() => expect(reload).toHaveBeenCalled());
    await vi.waitFor(() => expect(messages().join()).toContain('in effect: shutdown_grace'));
    events.emit('SIGTERM', 'SIGTERM');
    expect(await done).toBe(1);
  });

  it('takes a SIGHUP that came before its start was done once it is', async () => {
    const { run, events, reload, start, stop, write, end, path } = setUp('default_timeout: 10\n');
    start.mockImplementation(async () => {
      write('default_timeout: 20\n');
      events.emit('SIGHUP', 'SIGHUP');
      queueMicrotask(() => events.emit('started'));
      return { stop, reload };
    });
    const done = run('--config', path);
    await once(events, 'started');
    await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
    await end(done);
  });

  it('that can’t take changes refuses them', async () => {
    const { run, events, start, stop, write, end, path, messages } = setUp('default_timeout: 10\n');
    start.mockImplementation(async () => {
      queueMicrotask(() => events.emit('started'));
      return { stop };
    });
    const done = run('--config', path);
    await once(events, 'started');
    write('default_timeout: 20\n');
    events.emit('SIGHUP', 'SIGHUP');
    await vi.waitFor(() => expect(messages().join('\n')).toContain('takes no changes while it runs'));
    await end(done);
  });

  it('leaves SIGHUP to the system on a terminal', async () => {
    const { run, events, end, path } = setUp('port: 0\n', { isTTY: true });
    const done = run('--config', path);
    await once(events, 'started');
    expect(events.listenerCount('SIGHUP')).toBe(0);
    await end(done);
  });
});
