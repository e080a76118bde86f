import { processorConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { processorSummary } from './summary.js';

const topics = [
  { request_topic: 'orders', backend_url: 'http://orders:8080' },
  { request_topic: 'a', backend_url: 'https://a/base', consumer_group: 'mine' },
];

describe('what a terminal is shown of the processor', () => {
  it('is each topic with its backend and group', () => {
    expect(processorSummary(processorConfig.parse({ topics }), { managementPort: 8081 })).toEqual({
      listening: 'http://0.0.0.0:8081, /health, /ready, /metrics and /status',
      label: 'topics',
      ways: ['orders -> http://orders:8080 (group processor-orders)', 'a      -> https://a/base (group mine)'],
    });
  });

  it('says that nothing listens, and why', () => {
    expect(processorSummary(processorConfig.parse({ topics }), { managementPort: null }).listening).toBe(
      'nothing: management_port is 0',
    );
  });
});
