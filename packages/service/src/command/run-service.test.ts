import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { setUpCommand } from '../testing/command.js';

describe('a service', () => {
  it('is given its configuration, a logger and a registry', async () => {
    const { run, start, events } = setUpCommand({ environment: { PROXY_PORT: '1234' } });
    const done = run();
    await once(events, 'started');
    const [config, context] = start.mock.calls[0] ?? [];
    expect(config?.port).toBe(1234);
    expect(await context?.registry.metrics()).toContain('kafka_http_proxy_build_info');
    events.emit('SIGTERM', 'SIGTERM');
    await done;
  });

  it('logs its configuration without secrets', async () => {
    const { run, log, events } = setUpCommand({ environment: { KAFKA_PROPERTY_SASL_PASSWORD: 'hunter2' } });
    const done = run();
    await once(events, 'started');
    events.emit('SIGTERM', 'SIGTERM');
    await done;
    expect(JSON.stringify(log)).not.toContain('hunter2');
    expect(log[0]).toMatchObject({ msg: 'starting', config: { port: 8080 } });
  });

  it.each(['SIGTERM', 'SIGINT'])('stops at %s and exits with 0', async (signal) => {
    const { run, stop, exit, events, messages } = setUpCommand();
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
    const { run, stop, events, messages } = setUpCommand({ environment: { SHUTDOWN_GRACE: '0.02' } });
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
      const made = setUpCommand();
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
    const { run, stop, events, messages } = setUpCommand();
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
    const { run, messages, exit } = setUpCommand({ start });
    expect(await run()).toBe(1);
    expect(exit).toHaveBeenCalledExactlyOnceWith(1);
    expect(messages()).toEqual(['info starting', 'fatal could not start: cannot reach Kafka: connect ECONNREFUSED']);
  });

  it('is told by its abort signal to give up a start, and that is no failure', async () => {
    const { run, events, messages } = setUpCommand({
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
    const { run, events } = setUpCommand({
      start: async () => {
        events.emit('SIGTERM', 'SIGTERM');
        return { stop };
      },
    });
    expect(await run()).toBe(0);
    expect(stop).toHaveBeenCalledOnce();
  });

  it.each(['unhandledRejection', 'uncaughtException'])('exits with 1 at an %s, logged once', async (fault) => {
    const { run, events, messages } = setUpCommand();
    const done = run();
    await once(events, 'started');
    events.emit(fault, new Error('boom'));
    events.emit(fault, new Error('again'));
    expect(await done).toBe(1);
    expect(messages().filter((line) => line.startsWith('fatal'))).toEqual(['fatal an error that nobody caught: boom']);
  });
});
