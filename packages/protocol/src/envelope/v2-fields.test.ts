import { expect, it } from 'vitest';
import { isCount } from './v2-fields.js';

it.each([
  [0, true],
  [2 ** 53 - 1, true],
  [2 ** 53, false],
  [-1, false],
  // JSON has it, and writes it as 0.
  [-0, false],
  [0.5, false],
  ['1', false],
])('takes %s for a count: %s', (value, is) => {
  expect(isCount(value)).toBe(is);
});
