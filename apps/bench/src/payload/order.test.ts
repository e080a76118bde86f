import { describe, expect, it } from 'vitest';
import { addReports, createOrderCheck } from './order.js';

function reportOf(numbers: readonly number[], expected: number) {
  const check = createOrderCheck();
  for (const number of numbers) check.take(number);
  return check.report(expected);
}

describe('the check of order', () => {
  it('finds nothing wrong with 0, 1, 2', () => {
    expect(reportOf([0, 1, 2], 3)).toEqual({ received: 3, lost: 0, doubled: 0, outOfOrder: 0 });
  });

  it('counts a gap as lost, wherever it is', () => {
    expect(reportOf([1, 3], 5)).toEqual({ received: 2, lost: 3, doubled: 0, outOfOrder: 0 });
  });

  it('counts what comes again as doubled', () => {
    expect(reportOf([0, 1, 1, 0, 2], 3)).toEqual({ received: 3, lost: 0, doubled: 2, outOfOrder: 0 });
  });

  it('counts what comes behind a later one as out of order, and not as lost', () => {
    expect(reportOf([0, 2, 1, 3], 4)).toEqual({ received: 4, lost: 0, doubled: 0, outOfOrder: 1 });
  });

  it('adds reports up', () => {
    const one = { received: 1, lost: 2, doubled: 3, outOfOrder: 4 };
    expect(addReports([one, one])).toEqual({ received: 2, lost: 4, doubled: 6, outOfOrder: 8 });
  });
});
