import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OffsetEntry, OffsetTracker } from './offset-tracker.js';

describe('OffsetTracker', () => {
  it('holds the offset of the lowest unfinished record until that is done', () => {
    const tracker = new OffsetTracker();
    const [a, b, c] = [tracker.begin(5), tracker.begin(6), tracker.begin(7)];
    expect(tracker.finish(b)).toBeNull();
    expect(tracker.finish(a)).toBe(7);
    expect(tracker.finish(c)).toBe(8);
    expect(tracker.unfinished()).toBe(0);
  });

  it('goes over gaps that compaction and transactions leave', () => {
    const tracker = new OffsetTracker();
    const [a, b] = [tracker.begin(10), tracker.begin(90)];
    expect(tracker.finish(a)).toBe(90);
    expect(tracker.finish(b)).toBe(91);
  });

  it('counts a second finish as none', () => {
    const tracker = new OffsetTracker();
    const a = tracker.begin(3);
    expect(tracker.finish(a)).toBe(4);
    expect(tracker.finish(a)).toBeNull();
  });

  it.each([0, 2, 3])('begins again with a log that was recreated, at offset %i', (offset) => {
    const tracker = new OffsetTracker();
    const [done, open] = [tracker.begin(2), tracker.begin(3)];
    expect(tracker.finish(done)).toBe(3);
    const fresh = tracker.begin(offset);
    expect(tracker.finish(open)).toBeNull();
    expect(tracker.unfinished()).toBe(1);
    expect(tracker.finish(fresh)).toBe(offset + 1);
  });

  it('stores what a simple model stores, for any gaps and any order of endings', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(100_000), { minLength: 1, maxLength: 200 }),
        fc.array(fc.nat(), { minLength: 200, maxLength: 200 }),
        (offsets, picks) => {
          const tracker = new OffsetTracker();
          const ascending = offsets.sort((a, b) => a - b);
          const last = ascending.at(-1) as number;
          const open = ascending.map((offset) => tracker.begin(offset));
          let stored: number | null = null;
          for (let i = 0; open.length > 0; i++) {
            const [entry] = open.splice((picks[i] as number) % open.length, 1) as [OffsetEntry];
            const lowestBefore = Math.min(entry.offset, ...open.map(({ offset }) => offset));
            const lowest = open.length === 0 ? last + 1 : Math.min(...open.map(({ offset }) => offset));
            const next = tracker.finish(entry);
            expect(next).toBe(lowestBefore === entry.offset ? lowest : null);
            if (next !== null) {
              expect(next).toBeGreaterThan(stored ?? -1);
              stored = next;
            }
            expect(tracker.unfinished()).toBe(open.length);
          }
          expect(stored).toBe(last + 1);
        },
      ),
    );
  });

  it('goes on over many records, some taken up while others end', () => {
    const tracker = new OffsetTracker();
    let held = tracker.begin(0);
    for (let offset = 1; offset < 10_000; offset++) {
      const next = tracker.begin(offset);
      expect(tracker.finish(held)).toBe(offset);
      held = next;
    }
    expect(tracker.finish(held)).toBe(10_000);
  });
});
