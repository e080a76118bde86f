/** What became of the numbers 0, 1, 2, … that a stream should have brought. */
export interface OrderReport {
  readonly received: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
}

/** Watches that numbers come in order, each once. */
export interface OrderCheck {
  take(number: number): void;
  /** @param expected how many there were; those that did not come by now are lost */
  report(expected: number): OrderReport;
}

export function createOrderCheck(): OrderCheck {
  const seen = new Set<number>();
  let next = 0;
  let doubled = 0;
  let outOfOrder = 0;
  return {
    take(number) {
      if (seen.has(number)) {
        doubled++;
        return;
      }
      seen.add(number);
      if (number < next) outOfOrder++;
      next = Math.max(next, number + 1);
    },
    report(expected) {
      let lost = 0;
      for (let number = 0; number < expected; number++) if (!seen.has(number)) lost++;
      return { received: seen.size, lost, doubled, outOfOrder };
    },
  };
}

/** The sum of several reports. */
export function addReports(reports: Iterable<OrderReport>): OrderReport {
  const sum = { received: 0, lost: 0, doubled: 0, outOfOrder: 0 };
  for (const report of reports) {
    sum.received += report.received;
    sum.lost += report.lost;
    sum.doubled += report.doubled;
    sum.outOfOrder += report.outOfOrder;
  }
  return sum;
}
