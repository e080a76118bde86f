import { describe, expect, it } from 'vitest';
import { endToEnd, headerValue } from './header-list.js';

describe('endToEnd', () => {
  it('drops hop-by-hop fields and what Connection names, and keeps order, case and repeats of the rest', () => {
    const list = [
      'X-B',
      '1',
      'Connection',
      'close, X-Hop',
      'x-b',
      '2',
      'TE',
      'trailers',
      'X-Hop',
      'gone',
      'Keep-Alive',
      'timeout=5',
      'X-B',
      '3',
    ];
    expect(endToEnd(list)).toEqual(['X-B', '1', 'x-b', '2', 'TE', 'trailers', 'X-B', '3']);
  });

  it('does not let Connection name Host or Content-Length away', () => {
    const list = ['Host', 'a', 'Content-Length', '3', 'Connection', 'host, content-length'];
    expect(endToEnd(list)).toEqual(['Host', 'a', 'Content-Length', '3']);
  });

  it('drops what Connection names though it stands behind that, and keeps the TE that is said to the next hop', () => {
    const list = ['X-Hop', 'gone', 'TE', 'gzip, trailers', 'X-A', '1', 'Connection', 'TE, x-hop', 'Connection', 'x-a'];
    expect(endToEnd(list)).toEqual(['TE', 'trailers']);
  });

  it('leaves out what the caller names', () => {
    expect(endToEnd(['X-Kafka-Topic', 't', 'A', 'b'], (name) => name.startsWith('x-kafka-'))).toEqual(['A', 'b']);
  });
});

describe('headerValue', () => {
  it('finds the first value whatever the case', () => {
    expect(headerValue(['A', '1', 'x-a', '2', 'X-A', '3'], 'x-a')).toBe('2');
    expect(headerValue(['A', '1'], 'b')).toBeUndefined();
  });
});
