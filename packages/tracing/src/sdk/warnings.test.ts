import { diag } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { hearSdk, lossWarnings } from './warnings.js';

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

it('an answer that is none, and the user of an endpoint, are not logged', () => {
  const causes: string[] = [];
  hearSdk((why) => lossWarnings({ warn: (fields) => causes.push((fields as { cause: string }).cause) })(why));
  diag.warn('could not deserialize', new Error('at http://user:s3cret@host:1'), Buffer.from('page'), { page: 'x' });
  diag.error('x'.repeat(10_000));
  expect(causes).toEqual(['could not deserialize at http://***@host:1', 'x'.repeat(500)]);
});
