import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../machine/paths.js';
import { circlesOf, floorsOf, roomsOf } from './rooms.js';
import { readSourceFiles } from './source-files.js';

const MAX_LINES = 250;
const MAX_FILES = 15;

const files = readSourceFiles();

it('no room imports another that imports it: every arrow leads to a lower floor', () => {
  const rooms = roomsOf(files);
  expect(rooms.size).toBeGreaterThan(50);
  expect(circlesOf(rooms)).toEqual([]);
});

it(`no file is longer than ${MAX_LINES} lines: ask which two things it is`, () => {
  expect(files.filter(({ lines }) => lines > MAX_LINES).map(({ path, lines }) => `${path}: ${lines} lines`)).toEqual(
    [],
  );
});

it(`no folder holds more than ${MAX_FILES} files beside tests: ask which rooms it is made of`, () => {
  const counts = new Map<string, number>();
  for (const { path, isTest } of files) {
    if (!isTest) counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1);
  }
  expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
});

it('what ships limits times by timeoutSignal: those of AbortSignal.timeout may never end below AbortSignal.any', () => {
  const ships = files.filter(
    ({ path, isTest }) => !isTest && !/^(packages\/testkit|apps\/(release|bench))\//.test(path),
  );
  expect(ships.length).toBeGreaterThan(300);
  const limits = (path: string) => readFileSync(join(ROOT, path), 'utf8').includes('AbortSignal.timeout(');
  expect(ships.filter(({ path }) => limits(path)).map(({ path }) => path)).toEqual([]);
});

it('sees circles, and floors where there is none', () => {
  const circle = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['c'])],
    ['c', new Set(['b', 'd'])],
    ['d', new Set<string>()],
  ]);
  expect(circlesOf(circle)).toEqual([['b', 'c']]);
  expect(() => floorsOf(circle)).toThrow(RangeError);
  circle.get('c')?.delete('b');
  expect(floorsOf(circle)).toEqual([['d'], ['c'], ['b'], ['a']]);
});
