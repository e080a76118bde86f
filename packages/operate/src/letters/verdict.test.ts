import type { DeadLetterError, RequestEnvelope } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { readLetter } from '../records/letter.js';
import { letter, letterRecord, mark } from '../testing/letters.js';
import { type Mark, markOf } from './mark.js';
import { CONSENT_OF, type Consent, judge, maySend, VERDICTS, type Verdict } from './verdict.js';

type Request = Partial<RequestEnvelope>;
type Failure = Partial<DeadLetterError> | null;

const KEYED: Request = { headers: ['Host', 'shop', 'Idempotency-Key', 'k'] };
const REFUSED: Failure = { code: 'backend_unhealthy', attempts: 0, sent: 'no', status: 503 };
const SENDING = mark({ state: 'sending' });
const ANSWERED = mark({ state: 'answered', status: 500, to: ['orders-requests', 0, 9] });
const FAILED = mark({ state: 'failed', code: 'backend_timeout', status: 504, to: ['orders-requests', 0, 9] });
const BACKEND_FAILED = mark({ state: 'failed', status: 500, to: ['orders-requests', 0, 9] });
const UNANSWERED = mark({ state: 'failed', code: 'timeout', to: ['orders-requests', 0, 9] });
const UNWRITTEN = mark({ state: 'failed', code: 'too_large' });

function replayed(n: number, error: Failure = {}) {
  const header = { v: 1, n, run: 'r', of: ['f', 0, 1], first: ['f', 0, 0], id: 'x', at: 1, by: 'a@b' };
  const record = letterRecord({}, error);
  return readLetter({ ...record, headers: [...record.headers, { 'khp-replay': JSON.stringify(header) }] });
}

describe('judge', () => {
  it.each<[string, Verdict, Request, Failure, Mark | null]>([
    ['a POST to a backend that refused the connection', 'ready', {}, {}, null],
    ['one that expired in the queue', 'ready', {}, { code: 'timeout', attempts: 0, sent: 'no', status: 504 }, null],
    ['one that may have run', 'may_have_run', {}, { sent: 'maybe' }, null],
    ['one that did run', 'may_have_run', {}, { code: 'reply_too_large', sent: 'yes' }, null],
    ['one of 2.0.0, which does not say', 'may_have_run', {}, { sent: undefined, status: undefined }, null],
    ['a PUT that may have run', 'ready', { method: 'PUT' }, { sent: 'yes' }, null],
    ['a keyed POST that may have run', 'ready', KEYED, { sent: 'yes' }, null],
    ['one refused with Retry-After', 'told_to_retry', {}, REFUSED, null],
    ['a PUT refused with Retry-After', 'told_to_retry', { method: 'PUT' }, REFUSED, null],
    ['503 after it may have run', 'may_have_run', {}, { ...REFUSED, sent: 'maybe' }, null],
    ['refused, but nobody was told', 'ready', {}, { ...REFUSED, status: undefined }, null],
    ['a GET', 'read_only', { method: 'GET' }, {}, null],
    ['a GET refused with Retry-After', 'read_only', { method: 'GET' }, REFUSED, null],
    ['a get, which is another method', 'may_have_run', { method: 'get' }, { sent: 'maybe' }, null],
    ['a body that is cut', 'truncated', {}, { truncated: true }, null],
    ['an upload whose letter does not say so', 'truncated', { more: true }, {}, null],
    ['a GET with a cut body', 'truncated', { method: 'GET' }, { truncated: true }, null],
    ['a record without khp-error', 'unreadable', {}, null, null],
    ['a record of no legal method', 'unreadable', { method: 'A B' }, {}, null],
    ['an interrupted POST, though the first try sent nothing', 'may_have_run', {}, {}, SENDING],
    ['an interrupted POST that was refused before', 'may_have_run', {}, REFUSED, SENDING],
    ['an interrupted PUT', 'ready', { method: 'PUT' }, {}, SENDING],
    ['an interrupted keyed POST', 'ready', KEYED, {}, SENDING],
    ['an interrupted GET', 'read_only', { method: 'GET' }, {}, SENDING],
    ['an answered POST', 'may_have_run', {}, {}, ANSWERED],
    ['a POST that failed once more', 'may_have_run', {}, {}, FAILED],
    ['a POST that nobody answered', 'may_have_run', {}, {}, UNANSWERED],
    ['a POST that the backend answered with 500', 'may_have_run', {}, {}, BACKEND_FAILED],
    ['a PUT that the backend answered with 500', 'ready', { method: 'PUT' }, {}, BACKEND_FAILED],
    ['one that could not be written', 'ready', {}, {}, UNWRITTEN],
    ['one that was discarded', 'ready', {}, {}, mark({ state: 'discarded', n: 0 })],
    ['an interrupted one on its third time', 'exhausted', {}, {}, mark({ state: 'sending', n: 3 })],
  ])('takes %s for %s', (_title, verdict, request, error, last) => {
    expect(judge(letter(request, error), last).verdict).toBe(verdict);
  });

  it('counts the replays before it came here, and those of its marks', () => {
    expect(judge(replayed(2), null)).toMatchObject({ verdict: 'ready', replays: 2 });
    expect(judge(replayed(3), null)).toMatchObject({ verdict: 'exhausted', replays: 3 });
    expect(judge(replayed(3), null, { maxReplays: 4 })).toMatchObject({ verdict: 'ready', replays: 3 });
    expect(judge(replayed(2), mark({ state: 'failed', n: 3 }))).toMatchObject({ verdict: 'exhausted', replays: 3 });
  });

  it('puts what is cut or unreadable before what is exhausted, and that before the rest', () => {
    expect(judge(replayed(9, { truncated: true }), null).verdict).toBe('truncated');
    expect(judge(replayed(9, null), null).verdict).toBe('unreadable');
    expect(judge(replayed(9, REFUSED), null).verdict).toBe('exhausted');
  });

  it.each<[string, Mark | null, string | null]>([
    ['no mark', null, null],
    ['an interrupted run', SENDING, null],
    ['an answer', ANSWERED, 'answered'],
    ['a failure that became a letter of its own', FAILED, 'failed'],
    ['a failure that sent nothing', UNWRITTEN, null],
    ['a time in which nobody answered', UNANSWERED, null],
    ['an answer that is a failure of the backend', BACKEND_FAILED, null],
    ['being handed over', mark({ state: 'sent', to: ['orders-requests', 0, 9] }), 'sent'],
    ['being discarded', mark({ state: 'discarded' }), 'discarded'],
  ])('is settled by %s: %s', (_title, last, settled) => {
    expect(judge(letter(), last).settled).toBe(settled);
  });
});

describe('maySend', () => {
  const open = (verdict: Verdict) => ({ verdict, settled: null, replays: 0 });
  const all = new Set<Consent>(['--include-safe', '--include-refused', '--allow-repeat', '--again']);

  it('sends by itself what is ready, and nothing else', () => {
    expect(VERDICTS.filter((verdict) => maySend(open(verdict), new Set()))).toEqual(['ready']);
  });

  it('lets each verdict go by its own flag, and some by none', () => {
    for (const verdict of VERDICTS) {
      const consent = CONSENT_OF[verdict];
      const others = new Set([...all].filter((one) => one !== consent));
      if (verdict !== 'ready') expect(maySend(open(verdict), others), verdict).toBe(false);
      if (consent !== null) expect(maySend(open(verdict), new Set([consent])), verdict).toBe(true);
    }
    expect(VERDICTS.filter((verdict) => !maySend(open(verdict), all))).toEqual([
      'truncated',
      'unreadable',
      'exhausted',
    ]);
  });

  it('sends what is settled only when told to, and then by its verdict', () => {
    const done = judge(letter(), ANSWERED);
    expect(maySend(done, new Set(['--allow-repeat']))).toBe(false);
    expect(maySend(done, new Set(['--again']))).toBe(false);
    expect(maySend(done, new Set(['--again', '--allow-repeat']))).toBe(true);
  });
});

describe('markOf', () => {
  it('finds the mark of a letter, but not that of another that was at its place', () => {
    const mine = mark({ id: 'wBa9fPOA-abcdefghijkl' });
    expect(markOf(new Map([['0:41', mine]]), letter())).toBe(mine);
    expect(markOf(new Map([['0:41', mark({})]]), letter())).not.toBeNull();
    expect(markOf(new Map([['0:41', mark({ id: 'other' })]]), letter())).toBeNull();
    expect(markOf(new Map([['0:42', mine]]), letter())).toBeNull();
  });
});
