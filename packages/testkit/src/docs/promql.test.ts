import { describe, expect, it } from 'vitest';
import { readQueries } from './promql.js';

describe('readQueries', () => {
  it('says which series and labels a query names', () => {
    expect(readQueries('sum by (le) (rate(a_bucket{x="1"}[5m]))\n  / on (y) b')).toEqual([
      expect.objectContaining({ valid: true, series: ['a_bucket', 'b'], labels: ['le', 'x', 'y'] }),
    ]);
  });

  it('takes each line that is not indented for a query', () => {
    expect(readQueries('a == 1\nb').map(({ text }) => text)).toEqual(['a == 1', 'b']);
  });

  it('finds what Prometheus would refuse', () => {
    expect(readQueries('sum(rate(a[5m])').map(({ valid }) => valid)).toEqual([false]);
  });
});
