import { createCpuMeter } from '../../harness/cpu-meter.js';
import { usage } from '../../harness/process-usage.js';
import type { LoadResult } from '../../load/load-result.js';
import type { BenchRun } from './bench-run.js';
import type { Subject } from './subject.js';

/** A closed loop over so many connections. */
export interface Load {
  /** Path and query. */
  readonly target: string;
  readonly connections: number;
  readonly seconds: number;
  /** Length of the body of a POST, bytes; 0: a GET. */
  readonly bodyBytes: number;
  /** Record keys (X-Kafka-Key), of so many in turn; 0: none. */
  readonly keys: number;
  /** What each request says of who asks (Authorization); none when left out. */
  readonly authorization?: string | undefined;
}

/** One run of a load against one subject. */
export interface Run extends LoadResult {
  /** CPU time of each process for a good answer, ms: of the subject's by their names, and of the broker. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** CPU time of the subject's processes together for a good answer, ms. */
  readonly totalCpuMs: number;
  /** Resident memory of each process at the end, MiB. */
  readonly rssMiB: Readonly<Record<string, number>>;
}

export async function measureRun({ context, drive }: BenchRun, subject: Subject, load: Load): Promise<Run> {
  const { target, ...rest } = load;
  const pids = context.withBroker(subject.pids);
  const meter = createCpuMeter(pids);
  const result = await drive({ url: `${subject.origin}${target}`, ...rest });
  const used = meter.used();
  const good = result.requests - result.failed;
  const perRequest = (name: string) => ((used.get(name) ?? Number.NaN) * 1000) / good;
  return {
    ...result,
    cpuMs: Object.fromEntries([...pids.keys()].map((name) => [name, perRequest(name)])),
    totalCpuMs: [...subject.pids.keys()].reduce((sum, name) => sum + perRequest(name), 0),
    rssMiB: Object.fromEntries([...subject.pids].map(([name, pid]) => [name, usage(pid).rssMiB])),
  };
}

/** Runs of one load, one of each round by subject. */
export type Rounds<Name extends string = string> = Readonly<Record<Name, readonly Run[]>>;

/**
 * Runs a load against each subject in turn, and again: what the machine does meanwhile meets all of them. The
 * first is another one in each round.
 */
export async function measureRounds<Name extends string>(
  run: BenchRun,
  subjects: Readonly<Record<Name, Subject>>,
  load: Load | ((name: Name) => Load),
  { rounds, doing }: { readonly rounds: number; readonly doing: string },
): Promise<Rounds<Name>> {
  const names = Object.keys(subjects) as Name[];
  const runs = Object.fromEntries(names.map((name) => [name, [] as Run[]])) as Record<Name, Run[]>;
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length] as Name;
      run.context.progress.say(`${doing}: ${name}, round ${round + 1} of ${rounds}`);
      runs[name].push(await measureRun(run, subjects[name], typeof load === 'function' ? load(name) : load));
    }
  }
  return runs;
}
