import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type EngineOptions, type EnginePorts, sendAll } from './engine.js';
import type { Outcome } from './outcome.js';

interface TestLetter {
  readonly id: string;
  readonly lane: string | null;
}

const fine: Outcome = { label: 'answered 200', isFailure: false, mark: null };
const bad: Outcome = { label: 'failed timeout', isFailure: true, mark: null };

async function* letters(...ids: string[]): AsyncGenerator<TestLetter> {
  for (const id of ids) yield { id, lane: id.includes('/') ? (id.split('/')[0] as string) : null };
}

/** A run whose letters end when the test says so. */
function setUp(ids: string[], options: Partial<EngineOptions> = {}, ports: Partial<EnginePorts<TestLetter>> = {}) {
  const log: string[] = [];
  const open = new Map<string, (outcome: Outcome) => void>();
  const stop = new AbortController();
  const end = sendAll<TestLetter>(
    letters(...ids),
    {
      laneOf: ({ lane }) => lane,
      async announce({ id }) {
        log.push(`announce ${id}`);
        return true;
      },
      send({ id }) {
        log.push(`send ${id}`);
        return new Promise((resolve) => open.set(id, resolve));
      },
      ended: ({ id }, { label }) => void log.push(`${id} ${label}`),
      ...ports,
    },
    { concurrency: 2, rate: null, stopAfter: 3, signal: stop.signal, ...options },
  );
  const finish = async (id: string, outcome = fine) => {
    open.get(id)?.(outcome);
    open.delete(id);
    await turn();
  };
  return { log, open, stop, end, finish };
}

const under = (open: ReadonlyMap<string, unknown>) => [...open.keys()];

it('announces each letter before it is sent, in their order, and so many at a time', async () => {
  const { log, open, end, finish } = setUp(['a', 'b', 'c']);
  await turn();
  expect(log).toEqual(['announce a', 'send a', 'announce b', 'send b']);
  await finish('b');
  expect(under(open)).toEqual(['a', 'c']);
  await finish('a');
  await finish('c');
  expect(await end).toBe('done');
});

it('sends letters of one lane one after the other, and others meanwhile', async () => {
  const { open, end, finish } = setUp(['k/1', 'k/2', 'x', 'k/3']);
  await turn();
  expect(under(open)).toEqual(['k/1', 'x']);
  await finish('x');
  expect(under(open)).toEqual(['k/1']);
  await finish('k/1', bad);
  expect(under(open)).toEqual(['k/2']);
  await finish('k/2');
  await finish('k/3');
  expect(await end).toBe('done');
});

it('ends after so many failures one after the other, and waits for what is under way', async () => {
  const { log, open, end, finish } = setUp(['a', 'b', 'c', 'd', 'e', 'f', 'g'], { stopAfter: 2 });
  await turn();
  await finish('a', bad);
  await finish('b');
  await finish('c', bad);
  await finish('d', bad);
  // `e` was begun before `d` had failed.
  expect(under(open)).toEqual(['e']);
  await finish('e');
  expect(await end).toBe('failures');
  expect(log.filter((line) => line.startsWith('announce'))).toHaveLength(5);
  expect(log.at(-1)).toBe('e answered 200');
});

it('begins nothing more when it is told to stop, and waits for what is under way', async () => {
  const { log, end, stop, finish } = setUp(['a', 'b', 'c']);
  await turn();
  stop.abort();
  await finish('a');
  await finish('b');
  expect(await end).toBe('stopped');
  expect(log.some((line) => line.includes(' c'))).toBe(false);
});

it('sends nothing that may not be announced', async () => {
  const { log, end } = setUp(['a'], {}, { announce: async () => false });
  expect(await end).toBe('done');
  expect(log).toEqual([]);
});

it('passes on what goes wrong with a mark, when what was under way has ended', async () => {
  const { log, end, finish } = setUp(
    ['a', 'b', 'c'],
    {},
    {
      async announce({ id }) {
        if (id === 'b') throw new Error('the marks topic is full');
        return true;
      },
    },
  );
  const failing = expect(end).rejects.toThrow('the marks topic is full');
  await turn();
  await finish('a');
  await failing;
  expect(log).toEqual(['send a', 'a answered 200']);
});

it('begins no more than so many in a second', async () => {
  const times: number[] = [];
  const { end } = setUp(
    ['a', 'b', 'c', 'd'],
    { rate: 50 },
    {
      async send() {
        times.push(performance.now());
        return fine;
      },
    },
  );
  await end;
  expect((times.at(-1) as number) - (times[0] as number)).toBeGreaterThan(50);
});
