import { describe, expect, it } from 'vitest';
import { viewOf } from '../records/record-view.js';
import { letter, letterRecord, mark } from '../testing/letters.js';
import { type LetterRow, letterRow } from './letter-row.js';
import { createRuns, MAX_RUNS } from './runs.js';
import { createSummary, OTHER_METHODS } from './summary.js';
import { judge } from './verdict.js';

function row(fields: Partial<LetterRow> = {}): LetterRow {
  const found = letter();
  return {
    ...letterRow({ view: viewOf(found.record), letter: found, mark: null, judgement: judge(found, null) }),
    ...fields,
  };
}

describe('letterRow', () => {
  it('says what a letter says, without its body', () => {
    expect(row()).toEqual({
      ...{ partition: 0, offset: 41, at: 1_790_000_001_000, id: 'wBa9fPOA-abcdefghijkl', method: 'POST' },
      ...{ target: '/orders/7?x=1', topic: 'orders-requests', code: 'backend_unreachable', sent: 'no', status: 502 },
      ...{ verdict: 'ready', settled: null, replays: 0, bytes: 2 },
    });
  });

  it('keeps the beginning of what is long, and little of a poison record', () => {
    const long = letter({ target: `/${'a'.repeat(5000)}`, method: 'M'.repeat(5000) });
    const found = { view: viewOf(long.record), letter: long, mark: null, judgement: judge(long, null) };
    const { target, method } = letterRow(found);
    expect([target?.length, target?.at(-1), method?.length]).toEqual([300, '…', 40]);
    const poison = letter({ method: 'A B' });
    const view = viewOf(letterRecord({ method: 'A B' }));
    const judgement = judge(poison, null);
    expect(letterRow({ view, letter: poison, mark: null, judgement })).toMatchObject({
      ...{ id: null, method: null, target: null, verdict: 'unreadable', code: 'backend_unreachable' },
    });
  });
});

describe('createSummary', () => {
  it('groups by topic, code, method, sent and verdict', () => {
    const summary = createSummary();
    for (const at of [30, 10, 20]) summary.add(row({ at }));
    summary.add(row({ at: 5, method: 'GET', verdict: 'read_only' }));
    summary.add(row({ topic: 'a-requests', sent: null, verdict: 'may_have_run' }));
    summary.add(row({ topic: null, code: null, verdict: 'unreadable' }));
    summary.add(row({ settled: 'answered' }));
    expect(summary.groups()).toMatchObject([
      { topic: 'a-requests', count: 1, sent: null },
      { topic: 'orders-requests', method: 'POST', count: 3, oldest: 10, newest: 30, verdict: 'ready' },
      { topic: 'orders-requests', method: 'GET', count: 1, oldest: 5, newest: 5, verdict: 'read_only' },
      { topic: null, verdict: 'unreadable' },
    ]);
    expect(summary.verdicts()).toEqual([
      ['unreadable', 1],
      ['read_only', 1],
      ['may_have_run', 1],
      ['ready', 3],
    ]);
    expect([summary.open(), summary.settled()]).toEqual([6, 1]);
  });

  it('is bounded, whatever methods strangers name', () => {
    const summary = createSummary();
    for (let i = 0; i < 5000; i++) summary.add(row({ method: `M${i}` }));
    const groups = summary.groups();
    expect(groups).toHaveLength(1001);
    expect(groups.find(({ method }) => method === OTHER_METHODS)?.count).toBe(4000);
    expect(summary.verdicts()).toEqual([['ready', 5000]]);
  });
});

describe('createRuns', () => {
  it('counts each letter once a run, by its last mark', () => {
    const runs = createRuns();
    runs.add('0:1', mark({ run: 'a', state: 'sending', at: 10 }));
    runs.add('0:2', mark({ run: 'a', state: 'sending', at: 11 }));
    runs.add('0:1', mark({ run: 'a', state: 'answered', at: 12 }));
    runs.add('0:2', mark({ run: 'b', state: 'discarded', at: 20, by: 'bob@ops-2' }));
    expect(runs.all()).toEqual([
      { run: 'a', by: 'alice@ops-1', from: 10, to: 12, counts: { sending: 1, answered: 1 } },
      { run: 'b', by: 'bob@ops-2', from: 20, to: 20, counts: { discarded: 1 } },
    ]);
  });

  it('is bounded, whatever runs are named', () => {
    const runs = createRuns();
    for (let i = 0; i < MAX_RUNS + 10; i++) runs.add('0:1', mark({ run: `r${i}`, at: i + 1 }));
    expect(runs.all()).toHaveLength(MAX_RUNS);
    expect(runs.all()[0]?.run).toBe('r10');
  });
});
