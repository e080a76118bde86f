import type { Fate } from '@kafka-http-proxy/proxy';
import { expect, it } from 'vitest';
import { outcomeOf } from './outcome.js';

const at = { partition: 3, offset: 812 };
const to = ['orders', 3, 812];

it.each<[string, Fate, string, boolean, object | null]>([
  [
    'an answer',
    { kind: 'answered', status: 200, at },
    'answered 200',
    false,
    { state: 'answered', status: 200, n: 2, to },
  ],
  [
    'a refusal',
    { kind: 'answered', status: 409, at },
    'answered 409',
    false,
    { state: 'answered', status: 409, n: 2, to },
  ],
  [
    "the backend's error",
    { kind: 'answered', status: 500, at },
    'failed 500',
    true,
    { state: 'failed', status: 500, n: 2, to },
  ],
  [
    "the bridge's error",
    { kind: 'failed', code: 'timeout', detail: '', at },
    'failed timeout',
    true,
    { state: 'failed', code: 'timeout', n: 2, to },
  ],
  [
    'an answer that broke off',
    { kind: 'failed', code: 'backend_unreachable', detail: '', status: 200, at },
    'failed backend_unreachable',
    true,
    { state: 'failed', code: 'backend_unreachable', status: 200, n: 2, to },
  ],
  ['being handed over', { kind: 'sent', at }, 'sent', false, { state: 'sent', n: 2, to }],
  [
    'being too large, which sent nothing',
    { kind: 'unsent', failure: 'too_large', detail: '' },
    'failed too_large',
    true,
    { state: 'failed', code: 'too_large', n: 1 },
  ],
  [
    'silence of Kafka, which leaves it open',
    { kind: 'doubtful', failure: 'timed_out', detail: '' },
    'doubtful timed_out',
    true,
    null,
  ],
])('marks %s', (_what, fate, label, isFailure, mark) => {
  expect(outcomeOf(fate, 2, 'orders')).toEqual({ label, isFailure, mark });
});
