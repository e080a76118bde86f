import { expect, it, vi } from 'vitest';
import { createAvailability } from './availability.js';

const settle = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

it('is down until a probe succeeds, and probes only then', async () => {
  let answers = false;
  const probe = vi.fn(() => (answers ? Promise.resolve() : Promise.reject(new Error('away'))));
  const availability = createAvailability(probe, 1);
  expect(availability.available()).toBe(true);
  expect(probe).not.toHaveBeenCalled();
  availability.down();
  expect(availability.available()).toBe(false);
  await vi.waitFor(() => expect(probe.mock.calls.length).toBeGreaterThan(2), { timeout: 20_000 });
  expect(availability.available()).toBe(false);
  answers = true;
  await vi.waitFor(() => expect(availability.available()).toBe(true), { timeout: 20_000 });
  const calls = probe.mock.calls.length;
  availability.suspect();
  await vi.waitFor(() => expect(probe).toHaveBeenCalledTimes(calls + 1), { timeout: 20_000 });
});

it('stays up on a suspicion that the probe clears, and goes down on one that it confirms', async () => {
  const outcomes = [Promise.resolve(), Promise.reject(new Error('away'))];
  const probe = vi.fn(() => outcomes.shift() ?? new Promise<void>(() => undefined));
  const availability = createAvailability(probe, 60_000);
  availability.suspect();
  await settle();
  expect(availability.available()).toBe(true);
  await settle();
  availability.suspect();
  await settle();
  expect(availability.available()).toBe(false);
  availability.stop();
});

it('probes once at a time', async () => {
  const probe = vi.fn(() => new Promise<void>(() => undefined));
  const availability = createAvailability(probe);
  availability.down();
  availability.down();
  availability.suspect();
  await settle();
  expect(probe).toHaveBeenCalledTimes(1);
});
