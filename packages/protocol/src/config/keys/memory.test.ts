import { describe, expect, it } from 'vitest';
import { defaultMemoryBudget } from './memory.js';

const MIB = 1024 * 1024;

describe('the memory budget that nobody set', () => {
  it.each([
    ['a quarter of the limit of the container', 512 * MIB, 128 * MIB],
    ['256 MiB where there is more', 4096 * MIB, 256 * MIB],
    ['256 MiB where there is no limit', 0, 256 * MIB],
    ['256 MiB where cgroups say that there is none', 2 ** 64, 256 * MIB],
    ['never below 16 MiB', 32 * MIB, 16 * MIB],
  ])('is %s', (_what, limit, budget) => {
    expect(defaultMemoryBudget(limit)).toBe(budget);
  });
});
