import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it, vi } from 'vitest';
import { createPaces } from './body-pace.js';

function setUp(minRate = 500) {
  const clock = new FakeClock();
  return { clock, paces: createPaces({ minRate, clock }) };
}

describe('a body that comes slowly', () => {
  it('has 20 s, and a second more for each second’s worth of bytes', async () => {
    const { clock, paces } = setUp();
    const late = vi.fn();
    const pace = paces.watch(late, null);
    await clock.advance(19_000);
    pace.took(2500);
    await clock.advance(5900);
    expect(late).not.toHaveBeenCalled();
    await clock.advance(1200);
    expect(late).toHaveBeenCalledOnce();
    await clock.advance(60_000);
    expect(late).toHaveBeenCalledOnce();
    expect(clock.waiting).toBe(0);
  });

  it('is not blamed for the time in which it was held back', async () => {
    const { clock, paces } = setUp();
    const late = vi.fn();
    const pace = paces.watch(late, null);
    await clock.advance(5000);
    pace.hold();
    await clock.advance(100_000);
    pace.goOn();
    await clock.advance(14_000);
    expect(late).not.toHaveBeenCalled();
    await clock.advance(3000);
    expect(late).toHaveBeenCalledOnce();
  });

  it('is let be where no rate is asked for, and when it has come', async () => {
    const { clock, paces } = setUp(0);
    const late = vi.fn();
    paces.watch(late, null);
    await clock.advance(1_000_000);
    const other = setUp();
    other.paces.watch(late, null).stop();
    await other.clock.advance(1_000_000);
    expect(late).not.toHaveBeenCalled();
  });
});

describe('when room is wanted', () => {
  it('the slowest that holds bytes goes, and those that have just begun stay', async () => {
    const { clock, paces } = setUp();
    const gone: string[] = [];
    const body = (name: string) => paces.watch(vi.fn(), () => gone.push(name));
    body('empty');
    body('fast').took(100_000);
    body('slow').took(1000);
    paces.watch(vi.fn(), null).took(1);
    await clock.advance(3000);
    body('new').took(1);
    expect(paces.endSlowest()).toBe(true);
    expect(paces.endSlowest()).toBe(true);
    expect(gone).toEqual(['slow', 'fast']);
    expect(paces.endSlowest()).toBe(false);
  });
});
