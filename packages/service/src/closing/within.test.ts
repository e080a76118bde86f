import { expect, it } from 'vitest';
import { type Timer, within } from './within.js';

/** A timer that fires when it is told to, and counts what was cancelled. */
function handTimer() {
  let fire = (): void => undefined;
  const cancelled: number[] = [];
  const timer: Timer = (delayMs, task) => {
    fire = task;
    return () => void cancelled.push(delayMs);
  };
  return { timer, cancelled, fire: () => fire() };
}

it('waits for work that ends in time, and cancels its timer', async () => {
  const { timer, cancelled } = handTimer();
  expect(await within(500, Promise.resolve('done'), timer)).toBe(true);
  expect(cancelled).toEqual([500]);
});

it('gives up work that takes longer, whose later failure harms nobody', async () => {
  const { timer, fire } = handTimer();
  let fail = (_: Error): void => undefined;
  const work = new Promise((_, reject) => {
    fail = reject;
  });
  const waited = within(500, work, timer);
  fire();
  expect(await waited).toBe(false);
  fail(new Error('too late'));
  await expect(work).rejects.toThrow('too late');
});

it('fails as the work does', async () => {
  const { timer, cancelled } = handTimer();
  await expect(within(500, Promise.reject(new Error('broken')), timer)).rejects.toThrow('broken');
  expect(cancelled).toHaveLength(1);
});
