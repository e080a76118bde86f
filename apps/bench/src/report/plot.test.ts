import { describe, expect, it } from 'vitest';
import type { Chart } from './chart.js';
import { isEmpty, plotOf } from './plot.js';

function chart(x: Partial<Chart['x']>, y: Partial<Chart['y']>, ...values: (number | null)[][]): Chart {
  return {
    title: 'throughput',
    x: { label: 'connections', values: [], scale: 'linear', ...x },
    y: { label: 'MB/s', scale: 'linear', ...y },
    series: values.map((line, index) => ({ name: `line ${index}`, values: line })),
  };
}

describe('a plot', () => {
  it('is in the order of x', () => {
    const { data, names } = plotOf(chart({ values: [64, 1, 16] }, {}, [3, 1, 2], [30, null, 20]));
    expect(data).toEqual([
      [1, 16, 64],
      [1, 2, 3],
      [null, 20, 30],
    ]);
    expect(names).toEqual(['line 0', 'line 1']);
  });

  it('leaves out what a logarithmic axis has no place for', () => {
    const { data } = plotOf(chart({ values: [0, 1, 2], scale: 'log' }, { scale: 'log' }, [5, 0, 7], [5, -1, 8]));
    expect(data).toEqual([
      [1, 2],
      [null, 7],
      [null, 8],
    ]);
  });

  it('keeps 0 on a linear axis, and no number that is none', () => {
    const { data } = plotOf(chart({ values: [0, 1, Number.NaN] }, {}, [0, Number.POSITIVE_INFINITY, 3]));
    expect(data).toEqual([
      [0, 1],
      [0, null],
    ]);
  });

  it('leaves open what a series is too short for', () => {
    expect(plotOf(chart({ values: [1, 2] }, {}, [5])).data[1]).toEqual([5, null]);
  });

  it('has ticks at the values of x as long as they are few', () => {
    expect(plotOf(chart({ values: [256, 1, 16, 16] }, {})).x.ticks).toEqual([1, 16, 256]);
    expect(plotOf(chart({ values: Array.from({ length: 600 }, (_, i) => i) }, {})).x.ticks).toBeNull();
  });

  it('knows when it has no point', () => {
    expect(isEmpty(plotOf(chart({ values: [1] }, { scale: 'log' }, [0], [null])))).toBe(true);
    expect(isEmpty(plotOf(chart({ values: [1] }, {}, [0], [null])))).toBe(false);
    expect(isEmpty(plotOf(chart({}, {})))).toBe(true);
  });
});
