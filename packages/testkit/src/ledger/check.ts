import type { Accepted, Execution, History, Outcome, Sent } from './history.js';

/** What a fault may do. */
export interface Allowance {
  /** While something is broken, and shortly after it. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Codes of outcomes that it explains for requests that overlap that time. */
  readonly codes: readonly string[];
  /** Whether what was under way then may run again. */
  readonly repeats: boolean;
}

/** What a checker found, each with the request it is about. */
export interface Findings {
  /** Requests without exactly one outcome, and accepted writes that never ran and were never dead-lettered. */
  readonly lost: readonly string[];
  /** Answers that are another request's, or of no execution, or not whole though they look so. */
  readonly wrong: readonly string[];
  /** Executions beyond the first of their request. */
  readonly duplicates: number;
  /** Those that the fault does not explain. */
  readonly unexplainedDuplicates: readonly string[];
  /** Failures that the fault does not explain. */
  readonly unexplained: readonly string[];
  /** Keys whose requests first ran in another order than they were sent, or ran at the same time. */
  readonly disordered: readonly string[];
  /** Commits beyond a record that was not finished. */
  readonly overcommitted: readonly string[];
  readonly failed: number;
  /** Longest time without a right answer, ms. */
  readonly longestGapMs: number;
}

/** Work that was under way when something broke may have been finished this long before; its commit was not, ms. */
const COMMIT_LAG_MS = 1500;

/** Holds a run against what was promised. */
export function check(history: History, allowance: Allowance): Findings {
  const runs = byId(history.executions);
  const buried = new Map(history.buried.map((letter) => [letter.id, letter]));
  const repeated = [...runs].flatMap(([id, all]) =>
    all.slice(1).map((run) => ({ id, first: all[0] as Execution, run })),
  );
  const outcomes = history.sent.flatMap((sent) => sent.outcomes.map((outcome) => ({ sent, outcome })));
  const failures = outcomes.filter(({ outcome }) => !isSuccess(outcome));
  return {
    lost: [
      ...history.sent.filter(({ outcomes: { length } }) => length !== 1).map(describeOutcomes),
      ...neverRan(history, runs, buried),
    ],
    wrong: outcomes.flatMap(({ sent, outcome }) => wrongAnswer(sent, outcome, runs.get(sent.id))),
    duplicates: repeated.length,
    unexplainedDuplicates: repeated
      .filter(({ first }) => !(allowance.repeats && wasUnderWay(first, allowance)))
      .map(({ id, first, run }) => `${id} ran at ${first.startedMs} and again at ${run.startedMs}`),
    unexplained: failures.filter((failure) => !isExplained(failure, allowance)).map(describeFailure),
    disordered: disordered(history, runs, allowance),
    overcommitted: overcommitted(history, runs, buried),
    failed: failures.length,
    longestGapMs: longestGap(outcomes.filter(({ outcome }) => isSuccess(outcome)).map(({ outcome }) => outcome.atMs)),
  };
}

/** Answered as it should be. */
export function isSuccess({ status, code }: Outcome): boolean {
  return status === 200 && code === null;
}

function describeOutcomes({ id, kind, outcomes }: Sent): string {
  return `${kind} ${id} has ${outcomes.length} outcomes`;
}

function describeFailure({ sent: { id, kind, sentMs }, outcome }: { sent: Sent; outcome: Outcome }): string {
  const { status, code, atMs } = outcome;
  return `${kind} ${id}: ${status ?? 'no answer'} ${code ?? ''}, sent at ${sentMs}, ended at ${atMs}`;
}

/** A body that goes elsewhere may never have been whole: its client was told. */
function neverRan({ accepted, sent }: History, runs: Runs, buried: ReadonlyMap<string, unknown>): string[] {
  const writes = new Set(sent.filter(({ kind }) => kind === 'write' || kind === 'upload').map(({ id }) => id));
  return accepted
    .filter(({ id, more }) => !more && writes.has(id) && !runs.has(id) && !buried.has(id))
    .map(({ id, partition, offset }) => `write ${id} (${partition}/${offset}) never ran and was not dead-lettered`);
}

function wrongAnswer({ id, kind }: Sent, outcome: Outcome, runs: readonly Execution[] | undefined): string[] {
  if (outcome.status !== 200) return [];
  if (outcome.right !== true) return [`${kind} ${id} got an answer that is not its own, or not whole`];
  return runs === undefined ? [`${kind} ${id} was answered and never ran`] : [];
}

function wasUnderWay({ startedMs, endedMs }: Execution, { fromMs, toMs }: Allowance): boolean {
  return startedMs <= toMs && (endedMs === null || endedMs >= fromMs - COMMIT_LAG_MS);
}

function isExplained({ sent, outcome }: { sent: Sent; outcome: Outcome }, allowance: Allowance): boolean {
  const during = sent.sentMs <= allowance.toMs && outcome.atMs >= allowance.fromMs;
  return during && outcome.code !== null && allowance.codes.includes(outcome.code);
}

function disordered({ sent }: History, runs: Runs, allowance: Allowance): string[] {
  const found: string[] = [];
  const last = new Map<string, { sent: Sent; run: Execution }>();
  const keyed = sent.filter(({ key }) => key !== null).sort((a, b) => a.place - b.place);
  for (const one of keyed) {
    const run = runs.get(one.id)?.[0];
    if (run === undefined) continue;
    const key = one.key as string;
    const before = last.get(key);
    last.set(key, { sent: one, run });
    if (before === undefined) continue;
    const { startedMs, endedMs } = before.run;
    if (startedMs > run.startedMs) found.push(`${key}: ${one.id} ran before ${before.sent.id}`);
    // The backend may go on with a call whose processor is gone.
    const overlaps = endedMs === null || endedMs > run.startedMs;
    const excused = allowance.repeats && wasUnderWay(before.run, allowance);
    if (overlaps && !excused) found.push(`${key}: ${one.id} ran while ${before.sent.id} did`);
  }
  return found;
}

/** Of a record whose body goes elsewhere nothing may remain: its client was told, or is gone with the rest. */
function overcommitted(history: History, runs: Runs, buried: ReadonlyMap<string, { readonly atMs: number }>): string[] {
  const kinds = new Map(history.sent.map(({ id, kind }) => [id, kind]));
  const finishedMs = ({ id }: Accepted): number => {
    const all = runs.get(id) ?? [];
    // The offset of a reply that streams is done with its head (docs/decisions/0008-sequences.md).
    const streams = kinds.get(id) === 'download';
    const ends = all.map(({ startedMs, endedMs }) => (streams ? startedMs : (endedMs ?? Infinity)));
    return Math.min(buried.get(id)?.atMs ?? Infinity, ...ends);
  };
  return history.accepted.flatMap((record) => {
    if (record.more) return [];
    const { id, partition, offset } = record;
    const doneMs = finishedMs(record);
    const early = history.commits.find((c) => c.partition === partition && c.offset > offset && c.atMs < doneMs);
    const done = doneMs === Infinity ? 'and never was' : `at ${doneMs}`;
    return early
      ? [`${kinds.get(id)} ${id} (${partition}/${offset}) was committed at ${early.atMs}, finished ${done}`]
      : [];
  });
}

function longestGap(timesMs: readonly number[]): number {
  const sorted = [...timesMs].sort((a, b) => a - b);
  return sorted.reduce((longest, atMs, i) => Math.max(longest, i === 0 ? 0 : atMs - (sorted[i - 1] as number)), 0);
}

type Runs = ReadonlyMap<string, readonly Execution[]>;

/** In the order in which they began. */
function byId(executions: readonly Execution[]): Runs {
  const found = new Map<string, Execution[]>();
  for (const run of [...executions].sort((a, b) => a.startedMs - b.startedMs)) {
    const all = found.get(run.id);
    if (all) all.push(run);
    else found.set(run.id, [run]);
  }
  return found;
}
