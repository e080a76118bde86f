import { expect, it } from 'vitest';
import { lossWarnings } from './warnings.js';

it('is told that spans are lost once a minute, and how often since', () => {
  const lines: object[] = [];
  let nowMs = 0;
  const lost = lossWarnings({ warn: (fields) => lines.push(fields) }, () => nowMs);
  for (; nowMs < 150_000; nowMs += 1000) lost(`at ${nowMs}`);
  expect(lines).toEqual([
    { cause: 'at 0', unsaid: 0 },
    { cause: 'at 60000', unsaid: 59 },
    { cause: 'at 120000', unsaid: 59 },
  ]);
});
