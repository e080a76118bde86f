import { parseArgs } from 'node:util';
import { parseCount, parseParts, parseVariable, withoutSeparator } from '../../options/values.js';

/** The parts of `bench`, in the order in which they run. */
export const PARTS = [
  'ping',
  'load',
  'rate',
  'bodies',
  'partitions',
  'proxies',
  'start',
  'backlog',
  'embedded',
  'soak',
] as const;
export type Part = (typeof PARTS)[number];

/** Those that tell most in the least time. */
const QUICK_PARTS: readonly Part[] = ['ping', 'load', 'rate', 'start'];

export interface RequestsOptions {
  readonly parts: readonly Part[];
  readonly rounds: number;
  /** Of one run of one subject. */
  readonly seconds: number;
  /** Before anything is measured, of each subject and of the broker: V8 and the JVM compile what runs often. */
  readonly warmUpSeconds: number;
  readonly connections: readonly number[];
  /** Records of `backlog`. */
  readonly backlog: number;
  readonly soakSeconds: number;
  /** Only whether the bounds of a change are kept: for CI. */
  readonly guard: boolean;
  /** Directory for the results; null: none are written. */
  readonly out: string | null;
  readonly json: boolean;
  readonly profile: string | undefined;
  /** Variables of both services, to try settings out. */
  readonly env: Readonly<Record<string, string>>;
}

export const USAGE = `bench [options] [${PARTS.join('|')} …]

Measures small requests through proxy and processor on Apache Kafka: of its own (Java 17, Maven), or the one that
KAFKA_BOOTSTRAP_SERVERS names. In turn with them it measures the floor, a pair that only forwards. Without a part: all.

  ping        two hops of Kafka without HTTP
  load        closed loop over 1, 16, 64 and 256 connections: throughput, latency, CPU, memory
  rate        constant rates; latencies count from when a request was due
  bodies      the same body there and back, of 0, 1 KiB, 64 KiB and 900 KiB
  partitions  1 and 16 partitions, and order by key
  proxies     1, 2 and 4 proxies on one response topic: what each of them reads
  start       from the start of a process to its being ready
  backlog     records that wait for a processor: worked off, and skipped since they expired
  embedded    latency on the embedded broker
  soak        growth of memory and handles under load

  --quick             ${QUICK_PARTS.join(', ')} in less than 3 minutes: 1 and 64 connections, short runs
  --guard             a minute: fails where throughput or CPU per request are far from the floor's; for CI
  --rounds <n>        runs of each subject; the median is told (3)
  --seconds <n>       of one run (10)
  --warm-up <n>       seconds of load before, for each subject (30)
  --connections <n,…> of load (1,16,64,256)
  --backlog <n>       records of backlog (1000000)
  --soak <n>          seconds of soak (600)
  --out <dir>         where result.json and result.html are written (bench-results)
  --profile <prefix>  writes CPU profiles of the services to <prefix>-<service>…
  --env <NAME=value>  a variable of both services; may be given several times
  --json              prints JSON instead of the table
  --help

Exit code 1: a request failed, or with --guard a bound was not kept. A target that was missed is told, and is no failure.
`;

const SPEC = {
  quick: { type: 'boolean', default: false },
  guard: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  connections: { type: 'string' },
  backlog: { type: 'string', default: '1000000' },
  soak: { type: 'string', default: '600' },
  out: { type: 'string', default: 'bench-results' },
  profile: { type: 'string' },
  env: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @throws {Error} with one sentence about what can't be used; null for --help */
export function parseOptions(argv: readonly string[]): RequestsOptions | null {
  const { values, positionals } = parseArgs({
    args: withoutSeparator(argv),
    options: SPEC,
    allowPositionals: true,
    strict: true,
  });
  if (values.help) return null;
  const short = values.quick || values.guard;
  const parts = parseParts(PARTS, positionals);
  return {
    parts: values.quick && positionals.length === 0 ? QUICK_PARTS : parts,
    rounds: parseCount('rounds', values.rounds ?? '3'),
    seconds: parseCount('seconds', values.seconds ?? (short ? '4' : '10')),
    warmUpSeconds: parseCount('warm-up', values['warm-up'] ?? (short ? '8' : '30')),
    connections: (values.connections ?? (short ? '1,64' : '1,16,64,256'))
      .split(',')
      .map((text) => parseCount('connections', text)),
    backlog: parseCount('backlog', values.backlog),
    soakSeconds: parseCount('soak', values.soak),
    guard: values.guard,
    out: values.guard ? null : values.out,
    json: values.json,
    profile: values.profile,
    env: Object.fromEntries(values.env.map(parseVariable)),
  };
}
