import { describe, expect, it } from 'vitest';
import { boundedLabel, createRegistry, LATENCY_BUCKETS, methodLabel } from './registry.js';

describe('createRegistry', () => {
  it('has Node’s metrics and what is running', async () => {
    const text = await createRegistry({ name: 'kafka-proxy', version: '2.0.0' }).metrics();
    expect(text).toContain('process_cpu_seconds_total');
    expect(text).toContain(`service="kafka-proxy",version="2.0.0",node_version="${process.version}"} 1`);
  });

  it('is a new one each time', () => {
    const [a, b] = [createRegistry({ name: 'a', version: '1' }), createRegistry({ name: 'b', version: '1' })];
    expect(a).not.toBe(b);
  });
});

describe('labels', () => {
  it('keep the preset values and the first others', () => {
    const label = boundedLabel(2, 'other', ['orders']);
    expect(['a', 'orders', 'b', 'c', 'a', 'b', 'orders'].map(label)).toEqual([
      'a',
      'orders',
      'b',
      'other',
      'a',
      'b',
      'orders',
    ]);
  });

  it('of methods are those that Node knows', () => {
    expect(['GET', 'PROPFIND', 'get', 'X'.repeat(1000)].map(methodLabel)).toEqual([
      'GET',
      'PROPFIND',
      'OTHER',
      'OTHER',
    ]);
  });
});

describe('LATENCY_BUCKETS', () => {
  it('rise from a millisecond to a minute', () => {
    expect([LATENCY_BUCKETS[0], LATENCY_BUCKETS.at(-1)]).toEqual([0.001, 60]);
    expect([...LATENCY_BUCKETS].sort((a, b) => a - b)).toEqual(LATENCY_BUCKETS);
  });
});
