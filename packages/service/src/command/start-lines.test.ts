import { describe, expect, it } from 'vitest';
import { firstLines, listeningLines, READY_LINE } from './start-lines.js';

describe('what a terminal is shown of a start', () => {
  it('is five lines: who, Kafka, what listens, the ways, ready', () => {
    const about = { name: 'kafka-proxy', version: '2.0.0', file: '/etc/proxy.yaml', brokers: 'kafka:9092' };
    const summary = { listening: 'http://0.0.0.0:8080', label: 'routes', ways: ['any path -> requests -> responses'] };
    expect(firstLines(about) + listeningLines(summary) + READY_LINE).toBe(
      [
        'kafka-proxy 2.0.0, /etc/proxy.yaml',
        'Kafka      kafka:9092',
        'listening  http://0.0.0.0:8080',
        'routes     any path -> requests -> responses',
        'ready      Ctrl-C stops it',
        '',
      ].join('\n'),
    );
  });

  it('names no file where none was read', () => {
    expect(firstLines({ name: 'kafka-proxy', version: '2.0.0', file: undefined, brokers: 'kafka:9092' })).toBe(
      'kafka-proxy 2.0.0\nKafka      kafka:9092\n',
    );
  });

  it('stays short where there are many ways, and says where the rest is', () => {
    const ways = Array.from({ length: 40 }, (_, i) => `way ${i}`);
    const lines = listeningLines({ listening: 'nothing', label: 'topics', ways }).trimEnd().split('\n');
    expect(lines.length).toBe(14);
    expect(lines.slice(0, 3)).toEqual(['listening  nothing', 'topics     way 0', '           way 1']);
    expect(lines.at(-1)).toBe('           and 28 more: --check prints them');
  });
});
