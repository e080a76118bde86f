import { describe, expect, it } from 'vitest';
import { type Allowance, check, type Findings } from './check.js';
import type { History, Outcome, Sent } from './history.js';

const OK: Outcome = { atMs: 150, status: 200, code: null, right: true };
const NONE: Allowance = { fromMs: 0, toMs: 0, codes: [], repeats: false };

function sent(id: string, changes: Partial<Sent> = {}): Sent {
  return { id, kind: 'write', key: null, place: 0, sentMs: 100, outcomes: [OK], ...changes };
}

function history(changes: Partial<History> = {}): History {
  return {
    sent: [sent('a')],
    executions: [{ id: 'a', startedMs: 110, endedMs: 120 }],
    accepted: [{ id: 'a', partition: 0, offset: 7, more: false }],
    buried: [],
    commits: [{ atMs: 130, partition: 0, offset: 8 }],
    ...changes,
  };
}

/** The names of what was found. */
function found(changes: Partial<History>, allowance: Allowance = NONE): string[] {
  const findings = check(history(changes), allowance);
  return Object.entries(findings)
    .filter(([name, value]) => Array.isArray(value) && name !== 'duplicates' && value.length > 0)
    .map(([name]) => name);
}

describe('the ledger', () => {
  it('finds nothing where all went well', () => {
    const findings: Findings = check(history(), NONE);
    expect(found({})).toEqual([]);
    expect(findings).toMatchObject({ duplicates: 0, failed: 0 });
  });

  it('finds a request without an outcome, and one with two', () => {
    expect(found({ sent: [sent('a', { outcomes: [] })] })).toEqual(['lost']);
    expect(found({ sent: [sent('a', { outcomes: [OK, OK] })] })).toEqual(['lost']);
  });

  it('finds an accepted write that never ran, unless it was dead-lettered or its body went elsewhere', () => {
    const timeout: Outcome = { atMs: 150, status: 504, code: 'timeout', right: null };
    const allowed = { ...NONE, toMs: 1000, codes: ['timeout'] };
    const never = { sent: [sent('a', { outcomes: [timeout] })], executions: [], commits: [] };
    expect(found(never, allowed)).toEqual(['lost']);
    expect(found({ ...never, buried: [{ id: 'a', code: 'timeout', atMs: 150 }] }, allowed)).toEqual([]);
    const accepted = [{ id: 'a', partition: 0, offset: 7, more: true }];
    expect(found({ ...never, accepted }, allowed)).toEqual([]);
    expect(found({ ...never, sent: [sent('a', { kind: 'read', outcomes: [timeout] })] }, allowed)).toEqual([]);
  });

  it('finds an answer of another request, and one of nobody', () => {
    expect(found({ sent: [sent('a', { outcomes: [{ ...OK, right: false }] })] })).toEqual(['wrong']);
    expect(found({ executions: [], buried: [{ id: 'a', code: 'x', atMs: 120 }] })).toEqual(['wrong']);
  });

  it('finds a second execution, unless the fault hit the first', () => {
    const executions = [
      { id: 'a', startedMs: 110, endedMs: 120 },
      { id: 'a', startedMs: 140, endedMs: 145 },
    ];
    expect(found({ executions })).toEqual(['unexplainedDuplicates']);
    expect(found({ executions }, { ...NONE, fromMs: 115, toMs: 200, repeats: true })).toEqual([]);
    expect(found({ executions }, { ...NONE, fromMs: 9000, toMs: 9900, repeats: true })).toEqual([
      'unexplainedDuplicates',
    ]);
    expect(check(history({ executions }), NONE).duplicates).toBe(1);
  });

  it('finds a failure that the fault does not explain, by its code and its time', () => {
    const failed = { sent: [sent('a', { outcomes: [{ atMs: 150, status: 503, code: 'overloaded', right: null }] })] };
    expect(found(failed)).toEqual(['unexplained']);
    expect(found(failed, { ...NONE, fromMs: 120, toMs: 140, codes: ['overloaded'] })).toEqual([]);
    expect(found(failed, { ...NONE, fromMs: 120, toMs: 140, codes: ['timeout'] })).toEqual(['unexplained']);
    expect(found(failed, { ...NONE, fromMs: 160, toMs: 190, codes: ['overloaded'] })).toEqual(['unexplained']);
    expect(check(history(failed), NONE).failed).toBe(1);
  });

  it('finds requests of a key that ran in the wrong order, or at once', () => {
    const keyed = {
      sent: [sent('a', { key: 'k', place: 0 }), sent('b', { key: 'k', place: 1 })],
      accepted: [],
      commits: [],
    };
    const b = { id: 'b', startedMs: 130, endedMs: 140 };
    expect(found({ ...keyed, executions: [{ id: 'a', startedMs: 110, endedMs: 120 }, b] })).toEqual([]);
    expect(found({ ...keyed, executions: [{ id: 'a', startedMs: 150, endedMs: 160 }, b] })).toEqual(['disordered']);
    expect(found({ ...keyed, executions: [{ id: 'a', startedMs: 110, endedMs: 135 }, b] })).toEqual(['disordered']);
  });

  it('finds a commit beyond a record that was not finished', () => {
    expect(found({ commits: [{ atMs: 115, partition: 0, offset: 8 }] })).toEqual(['overcommitted']);
    expect(found({ commits: [{ atMs: 115, partition: 0, offset: 7 }] })).toEqual([]);
    expect(found({ commits: [{ atMs: 115, partition: 1, offset: 8 }] })).toEqual([]);
    const download = { sent: [sent('a', { kind: 'download' })], commits: [{ atMs: 115, partition: 0, offset: 8 }] };
    expect(found(download)).toEqual([]);
  });

  it('tells the longest time without a right answer', () => {
    const at = (atMs: number) => sent(`s${atMs}`, { outcomes: [{ ...OK, atMs }] });
    expect(check(history({ sent: [at(100), at(900), at(200)] }), NONE).longestGapMs).toBe(700);
  });
});
