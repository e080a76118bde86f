import { describe, expect, it } from 'vitest';
import { cutTo, type Flexible, fit } from './fit.js';

const COLUMNS: readonly Flexible[] = [
  { title: 'place' },
  { title: 'target', least: 8 },
  { title: 'bytes', drop: 1 },
  { title: 'id', drop: 2 },
];
const fitted = (widths: number[], room: number) =>
  fit(COLUMNS, widths, room).map(({ column: { title }, width }) => [title, width]);

describe('columns in little room', () => {
  it('are as wide as they need where there is room', () => {
    expect(fitted([6, 30, 5, 21], 68)).toEqual([
      ['place', 6],
      ['target', 30],
      ['bytes', 5],
      ['id', 21],
    ]);
  });

  it('are cut before one is left out, no more than is needed', () => {
    expect(fitted([6, 30, 5, 21], 60)).toEqual([
      ['place', 6],
      ['target', 22],
      ['bytes', 5],
      ['id', 21],
    ]);
  });

  it('are left out one after the other, and what that gives goes to those that are cut', () => {
    expect(fitted([6, 30, 5, 21], 40)).toEqual([
      ['place', 6],
      ['target', 9],
      ['id', 21],
    ]);
    expect(fitted([6, 30, 5, 21], 20)).toEqual([
      ['place', 6],
      ['target', 12],
    ]);
  });

  it('are wider than the room where nothing more can give way', () => {
    expect(fitted([6, 30, 5, 21], 4)).toEqual([
      ['place', 6],
      ['target', 8],
    ]);
  });
});

it.each([
  ['orders', 6, undefined, 'orders'],
  ['orders', 5, undefined, 'orde…'],
  ['orders/1@8', 6, 'end', '…s/1@8'],
  ['orders', 1, 'end', '…'],
] as const)('cuts %s to %d', (text, width, keep, cut) => {
  expect(cutTo(text, width, keep)).toBe(cut);
});
