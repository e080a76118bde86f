import { setTimeout as pause } from 'node:timers/promises';
import type { RealKafka } from '../kafka/real-kafka.js';
import { type Allowance, check, type Findings, isSuccess } from '../ledger/check.js';
import type { Sent } from '../ledger/history.js';
import { startLoad } from '../ledger/load.js';
import type { Fault } from './fault.js';
import { watchReadiness } from './readiness.js';
import { PROBE_ID } from './services.js';
import { openWorld, TIMEOUT_SECONDS, type World } from './world.js';

/** What a fault did to the requests that were made meanwhile. */
export interface FaultResult {
  readonly name: string;
  readonly requests: number;
  readonly findings: Findings;
  /** What else was measured. */
  readonly note?: string;
  /** Sentences: what should not have been. */
  readonly complaints: readonly string[];
  /** What the services warned of, where there is something to complain of. */
  readonly warnings: readonly string[];
}

/** Load before the fault, and after it was put right, ms. */
const BEFORE_MS = 3000;
const AFTER_MS = 6000;
/** A request that began just before things were right again may be told so this late, ms. */
const AFTERMATH_MS = 5000;
const SETTLE_MS = 45_000;
const RATES = { read: 40, upload: 4, download: 8 };
const KEYS = 8;

/** Runs one fault with load on, and holds the ledger against what it allows. */
export async function runFault(fault: Fault, kafka: RealKafka): Promise<FaultResult> {
  const { proxies, processors, brokers } = fault;
  const world = await openWorld({ kafka, proxies, processors, replicas: brokers, ...fault.setting });
  try {
    const patienceMs = (TIMEOUT_SECONDS + 10) * 1000;
    const load = startLoad({ target: world.target, rates: RATES, keys: KEYS, patienceMs });
    await pause(BEFORE_MS);
    const readiness = watchReadiness(world);
    const fromMs = Date.now();
    const broken = await fault.inject({ world, kafka }).then(() => [], sentenceOf);
    const toMs = Date.now() + AFTERMATH_MS;
    await pause(AFTER_MS);
    await load.stop();
    const answered = load.sent.flatMap(({ outcomes }) => outcomes.filter(isSuccess).map(({ atMs }) => atMs));
    const complaints = [...broken, ...(await readiness.stop(answered))];
    const { codes, repeats } = fault;
    return await judge(world, load.sent, { fromMs, toMs, codes, repeats }, { ...fault, complaints });
  } finally {
    await world.close();
  }
}

/** Waits until all that was accepted is finished, then reads the ledger. */
export async function judge(
  world: World,
  sent: readonly Sent[],
  allowance: Allowance,
  { name, maxGapMs, complaints: before = [] }: Pick<Fault, 'name' | 'maxGapMs'> & { complaints?: readonly string[] },
): Promise<FaultResult> {
  const unsettled = await world.witness.settled(SETTLE_MS).then(
    () => [],
    (error: Error) => [error.message],
  );
  const { buried, commits } = world.witness;
  // The probe of `answered` is nobody's request.
  const executions = world.backend.executions.filter(({ id }) => id !== PROBE_ID);
  const accepted = world.witness.accepted.filter(({ id }) => id !== PROBE_ID);
  const findings = check({ sent, executions, accepted, buried, commits }, allowance);
  const { longestGapMs } = findings;
  const gap = longestGapMs > maxGapMs ? [`no answer for ${longestGapMs} ms, ${maxGapMs} at most were expected`] : [];
  const complaints = [...before, ...complaintsOf(findings), ...gap, ...unsettled];
  const warnings = complaints.length === 0 ? [] : world.warnings();
  return { name, requests: sent.length, findings, complaints, warnings };
}

function sentenceOf(error: unknown): string[] {
  return [error instanceof Error ? error.message : String(error)];
}

function complaintsOf(findings: Findings): string[] {
  const { lost, wrong, unexplainedDuplicates, unexplained, disordered, overcommitted } = findings;
  return [...lost, ...wrong, ...unexplainedDuplicates, ...unexplained, ...disordered, ...overcommitted];
}
