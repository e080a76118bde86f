import { BridgeError, proxyConfig } from '@kafka-http-proxy/protocol';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createMetrics } from './metrics.js';

async function setUp() {
  const registry = new Registry();
  const metrics = createMetrics({
    registry,
    config: proxyConfig.parse({}),
    pending: () => 0,
    activeConsumers: () => 1,
    reserved: () => 1234,
  });
  const value = async (line: string) => (await registry.metrics()).split('\n').find((text) => text.startsWith(line));
  return { metrics, value };
}

it('counts streams and their bytes by direction, and the memory of whole bodies', async () => {
  const { metrics, value } = await setUp();
  metrics.opened('reply', 1);
  metrics.opened('reply', 1);
  metrics.opened('reply', -1);
  metrics.moved('upload', 100);
  metrics.moved('upload', 0);
  expect(await value('proxy_streams{direction="reply"}')).toMatch(/ 1$/);
  expect(await value('proxy_streams{direction="upload"}')).toMatch(/ 0$/);
  expect(await value('proxy_stream_bytes_total{direction="upload"}')).toMatch(/ 100$/);
  expect(await value('proxy_memory_reserved_bytes')).toMatch(/ 1234$/);
});

it('counts a response that was cut as an error, by its code and by its reason', async () => {
  const { metrics, value } = await setUp();
  const ending = { method: 'GET', topic: undefined, status: 200, elapsedMs: 1, correlationId: 'id' };
  metrics.ended({ ...ending, error: new BridgeError('backend_unreachable', 'x'), cut: 'wrong_length', traced: null });
  metrics.ended({ ...ending, error: undefined, cut: undefined, traced: null });
  expect(await value('proxy_streams_cut_total{reason="wrong_length"}')).toMatch(/ 1$/);
  expect(await value('proxy_errors_total{code="backend_unreachable"}')).toMatch(/ 1$/);
  expect(await value('proxy_requests_total{method="GET",topic="none",status="error"}')).toMatch(/ 1$/);
  expect(await value('proxy_requests_total{method="GET",topic="none",status="success"}')).toMatch(/ 1$/);
});
