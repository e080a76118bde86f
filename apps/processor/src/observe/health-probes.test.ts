import { systemClock } from '@kafka-http-proxy/streams';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { tlsOptions } from '../backend/backend-tls.js';
import { closedPort, rawBackend } from '../testing/raw-backend.js';
import { topic } from '../testing/samples.js';
import { type HealthProbesOptions, startHealthProbes } from './health-probes.js';

const at = topic();

function answer(status: number): string {
  return `HTTP/1.1 ${status} X\r\nContent-Length: 0\r\nLocation: /elsewhere\r\n\r\n`;
}

function start(options: Pick<HealthProbesOptions, 'topics'> & Partial<HealthProbesOptions>) {
  const logger = { warn: vi.fn(), info: vi.fn() };
  const probes = startHealthProbes({
    path: '/health',
    intervalMs: 30_000,
    tlsOf: tlsOptions,
    clock: systemClock,
    logger,
    ...options,
  });
  onTestFinished(() => probes.stop());
  return { probes, logger };
}

describe('startHealthProbes', () => {
  it.each([
    [200, true],
    [302, true],
    [404, true],
    [500, false],
    [503, false],
  ])('takes a backend that answers %i for up: %s', async (status, up) => {
    const { url, requests } = await rawBackend(answer(status));
    const { probes } = start({ topics: [topic({ backend_url: url })] });
    await vi.waitFor(() => expect(probes.up('requests')).toBe(up), { timeout: 20_000 });
    expect(requests).toHaveLength(1);
  });

  it('asks the topic’s path, behind the path of backend_url, else the common one', async () => {
    const { url, requests } = await rawBackend(answer(200));
    const backend_url = `${url}/base/`;
    start({ topics: [topic({ backend_url }), topic({ request_topic: 'live', backend_url, health_path: '/live?x' })] });
    await vi.waitFor(() => expect(requests).toHaveLength(2), { timeout: 20_000 });
    expect(new Set(requests.map((request) => request.split(' ')[1]))).toEqual(
      new Set(['/base/health', '/base/live?x']),
    );
  });

  it('follows what requests meet: up at an answer, down at the third attempt in a row without one', () => {
    const { probes, logger } = start({ topics: [topic()], intervalMs: 0 });
    for (const answered of [false, true, false, false]) probes.seen(at, answered);
    expect(probes.up('requests')).toBe(true);
    probes.seen(at, false);
    expect(probes.up('requests')).toBe(false);
    probes.seen(at, false);
    probes.seen(at, true);
    expect(probes.up('requests')).toBe(true);
    expect([logger.warn.mock.calls.length, logger.info.mock.calls.length]).toEqual([1, 1]);
  });

  it('believes a backend that says of itself that it is down, whatever it answers to requests', async () => {
    const { url } = await rawBackend(answer(503));
    const { probes } = start({ topics: [topic({ backend_url: url })] });
    await vi.waitFor(() => expect(probes.up('requests')).toBe(false), { timeout: 20_000 });
    probes.seen(at, true);
    expect(probes.up('requests')).toBe(false);
  });

  it('logs changes only', async () => {
    const clock = new FakeClock();
    const { url, requests } = await rawBackend(answer(200), answer(500), answer(500), answer(200));
    const { probes, logger } = start({ topics: [topic({ backend_url: url })], clock });
    const round = async (up: boolean, count: number) => {
      await vi.waitFor(() => expect([probes.up('requests'), requests.length, clock.waiting]).toEqual([up, count, 1]), {
        timeout: 20_000,
      });
      await clock.advance(30_000);
    };
    await round(true, 1);
    await round(false, 2);
    await round(false, 3);
    await vi.waitFor(() => expect(probes.up('requests')).toBe(true), { timeout: 20_000 });
    expect([logger.warn.mock.calls.length, logger.info.mock.calls.length]).toEqual([1, 1]);
  });

  it('takes one that can not be reached for down', async () => {
    const { probes, logger } = start({ topics: [topic({ backend_url: `http://127.0.0.1:${await closedPort()}` })] });
    await vi.waitFor(() => expect(probes.up('requests')).toBe(false), { timeout: 20_000 });
    expect(logger.warn.mock.calls[0]?.[0]).toMatchObject({ cause: expect.stringContaining('ECONNREFUSED') });
  });

  it('asks nothing when the interval is 0, and says nothing after it was stopped', async () => {
    const { url, requests, disconnected } = await rawBackend(() => {});
    const topics = [topic({ backend_url: url })];
    expect(start({ topics, intervalMs: 0 }).probes.up('requests')).toBeNull();
    const { probes, logger } = start({ topics });
    await vi.waitFor(() => expect(requests).toHaveLength(1), { timeout: 20_000 });
    probes.stop();
    await disconnected;
    expect(probes.up('requests')).toBeNull();
    expect(logger.warn).not.toHaveBeenCalled();
  });
});
