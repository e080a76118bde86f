import { describe, expect, it } from 'vitest';
import { createMemoryBudget } from './budget.js';
import { FIRST_WINDOW } from './part.js';
import { SequenceReceiver } from './receiver.js';

describe('the memory budget', () => {
  it('keeps all windows together in half of it, and whole bodies in the other', () => {
    const budget = createMemoryBudget({
      limitBytes: 16 * 1024 * 1024,
      maxStreams: 1000,
      streamWindow: 4 * 1024 * 1024,
    });
    expect(budget.window()).toBe(4 * 1024 * 1024);
    let open = 0;
    while (budget.enter(`topic-${open % 9}`)) {
      open++;
      expect(open * budget.window()).toBeLessThanOrEqual(8 * 1024 * 1024);
    }
    expect(open).toBe(128);
    budget.leave('topic-0');
    expect(budget.enter('topic-0')).toBe(true);
  });

  it('grants no more than its half in all, in whatever order streams open, and little to who takes nothing', () => {
    const MIB = 1024 * 1024;
    const budget = createMemoryBudget({ limitBytes: 128 * MIB, maxStreams: 1000, streamWindow: 4 * MIB });
    let granted = 0;
    const open = (takesBytes: number) => {
      const lease = budget.lease();
      let at = FIRST_WINDOW;
      const receiver = new SequenceReceiver({
        sink: { data: () => undefined, end: () => undefined, failed: () => undefined },
        firstSeq: 0,
        receivedBytes: 0,
        granted: FIRST_WINDOW,
        window: lease.window,
        outstanding: lease.hold,
        grant(offset) {
          granted += offset - at;
          at = offset;
        },
      });
      granted += FIRST_WINDOW;
      receiver.open();
      // As a kernel takes it for a client that reads nothing.
      for (let taken = 0; taken < takesBytes; taken += FIRST_WINDOW) {
        receiver.consumed(FIRST_WINDOW);
        granted -= FIRST_WINDOW;
      }
      return { receiver, lease };
    };
    for (let i = 0; i < 300 && budget.enter(`topic-${i % 9}`); i++) {
      open(4 * MIB);
      expect(granted).toBeLessThanOrEqual(64 * MIB);
    }
    // One that takes what comes has a whole window, where there is room.
    const roomy = createMemoryBudget({ limitBytes: 128 * MIB, maxStreams: 1000, streamWindow: 4 * MIB });
    roomy.enter('topic');
    const lease = roomy.lease();
    expect(lease.window(0)).toBe(FIRST_WINDOW);
    expect(lease.window(16 * MIB)).toBe(4 * MIB);
    lease.hold(4 * MIB);
    expect(lease.window(32 * MIB)).toBe(4 * MIB);
    lease.end();
  });

  it('lets a few MiB of all streams be on their way, and of each a little beyond that', () => {
    const budget = createMemoryBudget({ limitBytes: 2 ** 27, maxStreams: 1000, streamWindow: 2 ** 22 });
    expect(budget.mostOnTheirWay()).toBe(2 ** 22);
    budget.onTheirWay(2 ** 22);
    expect(budget.mostOnTheirWay()).toBe(FIRST_WINDOW / 4);
    budget.onTheirWay(-1);
    expect(budget.mostOnTheirWay()).toBe(2 ** 22);
  });

  it('has streams for others when one topic has taken all that it can', () => {
    const budget = createMemoryBudget({ limitBytes: 2 ** 30, maxStreams: 100, streamWindow: 65_536 });
    const all = (of: string) => {
      let got = 0;
      while (budget.enter(of)) got++;
      return got;
    };
    expect(all('a')).toBe(75);
    expect(all('b')).toBe(25);
    for (let i = 0; i < 75; i++) budget.leave('a');
    expect(all('a')).toBe(50);
  });

  it('leaves a quarter of the other half to other kinds, and an eighth to small pieces', () => {
    const KIB = 1024;
    const budget = createMemoryBudget({ limitBytes: 16 * KIB * KIB, maxStreams: 10, streamWindow: 65_536 });
    expect(budget.reserve('body', 6 * KIB * KIB + 1)).toBe(false);
    expect(budget.reserve('body', 6 * KIB * KIB)).toBe(true);
    expect(budget.reserve('body', 1)).toBe(false);
    expect(budget.reserve('reply', KIB * KIB)).toBe(true);
    // Seven eighths are taken: what is a part of something long does not get in, what is short does.
    expect(budget.reserve('reply', KIB, 100 * KIB)).toBe(false);
    expect(budget.reserve('reply', 64 * KIB)).toBe(true);
    budget.release('body', KIB * KIB);
    expect(budget.reserve('body', KIB, 100 * KIB)).toBe(true);
  });

  it('counts what is there already beyond its end, and nothing more gets in until that is gone', () => {
    const budget = createMemoryBudget({ limitBytes: 2_000_000, maxStreams: 10, streamWindow: 65_536 });
    budget.force('record', 1_500_000);
    expect(budget.reserved).toBe(1_500_000);
    expect(budget.reserve('head', 1)).toBe(false);
    budget.release('record', 1_500_000);
    expect(budget.reserve('head', 1)).toBe(true);
  });
});
