import { expect, it, onTestFinished, vi } from 'vitest';
import type { DeniedAccess } from '../port/access.js';
import { createAccessWatch } from './access-watch.js';

const write: DeniedAccess = { resource: 'topic', name: 'requests', operations: ['Write'] };

function setUp(first: readonly DeniedAccess[], every: { calmMs: number; deniedMs: number }) {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const told: string[] = [];
  const kafka = { denies: first, away: false };
  const ask = vi.fn(() => (kafka.away ? Promise.reject(new Error('away')) : Promise.resolve(kafka.denies)));
  const watch = createAccessWatch({
    ask,
    onDenied: ({ name, operations }) => told.push(`denied ${operations} ${name}`),
    onGranted: ({ name }) => told.push(`granted ${name}`),
    signal: ending.signal,
    ...every,
  });
  return { watch, kafka, told, ask };
}

it('tells of a denial once, and when it is over', async () => {
  const { watch, kafka, told, ask } = setUp([write], { calmMs: 60_000, deniedMs: 1 });
  await watch.check();
  expect(watch.denied()).toEqual([write]);
  await vi.waitFor(() => expect(ask.mock.calls.length).toBeGreaterThan(3));
  expect(told).toEqual(['denied Write requests']);
  kafka.denies = [];
  await vi.waitFor(() => expect(told).toEqual(['denied Write requests', 'granted requests']));
  expect(watch.denied()).toEqual([]);
});

it('asks at a hint, long before it would by itself', async () => {
  const { watch, kafka, told } = setUp([], { calmMs: 60_000, deniedMs: 60_000 });
  await watch.check();
  kafka.denies = [write];
  watch.hint();
  await vi.waitFor(() => expect(told).toEqual(['denied Write requests']));
});

it('keeps what it knew while no broker answers', async () => {
  const { watch, kafka, told } = setUp([write], { calmMs: 60_000, deniedMs: 60_000 });
  await watch.check();
  kafka.away = true;
  await watch.check();
  expect(watch.denied()).toEqual([write]);
  expect(told).toHaveLength(1);
});
