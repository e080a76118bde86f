import { parseCount } from '@kafka-http-proxy/testkit';
import { Command } from 'commander';
import { addVariable, partsArgument, partsOf } from '../../options/values.js';

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
  'tracing',
  'auth',
  'tls',
  'soak',
] as const;
export type Part = (typeof PARTS)[number];

/** Those that tell most in the least time. */
const QUICK_PARTS: readonly Part[] = ['ping', 'load', 'rate', 'start'];

export interface RequestsOptions {
  readonly parts: readonly Part[];
  readonly rounds: number;
  /** Of one run of one subject: short, so that what slows the machine meets all of them. */
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

const ABOUT = `
Parts:
  ping        two hops of Kafka without HTTP
  load        closed loop over 1, 16, 64 and 256 connections: throughput, latency, CPU, memory
  rate        constant rates; latencies count from when a request was due
  bodies      the same body there and back, of 0, 1 KiB, 64 KiB and 900 KiB
  partitions  1 and 16 partitions, and order by key
  proxies     1, 2 and 4 proxies on one response topic: what each of them reads
  start       from the start of a process to its being ready
  backlog     records that wait for a processor: worked off, and skipped since they expired
  embedded    latency on the embedded broker
  tracing     CPU per request with no, 1 % and all requests traced
  auth        CPU per request with a token that was seen before, over no authentication
  tls         CPU per request by TLS on connections that stay, over plain HTTP; handshakes
  soak        growth of memory and handles under load

Exit code 1: a request failed, or with --guard a bound was not kept. A target that was missed is reported, and is no
failure. A ratio to a floor whose own rounds differ by more than 25 % is no result.`;

/** The command `bench`, before it has been given its words. */
export function requestsCommand(): Command {
  return new Command('bench')
    .description(
      'Measures small requests through proxy and processor on Apache Kafka: of its own (Java 17, Maven), or the one ' +
        'that KAFKA_BOOTSTRAP_SERVERS names. In turn with them it measures the floor, a pair that only forwards.',
    )
    .addArgument(partsArgument(PARTS))
    .option('--quick', `${QUICK_PARTS.join(', ')} in less than 3 minutes: 1 and 64 connections, short runs`)
    .option('--guard', "a minute: fails where CPU per request is far from the floor's; for CI")
    .option('--rounds <n>', 'runs of each subject, in turn; the median is reported (20)', parseCount)
    .option('--seconds <n>', 'of one run (1)', parseCount)
    .option('--warm-up <n>', 'seconds of load before, for each subject (60)', parseCount)
    .option('--connections <n,…>', 'of load (1,16,64,256)', parseCounts)
    .option('--backlog <n>', 'records of backlog', parseCount, 1_000_000)
    .option('--soak <n>', 'seconds of soak', parseCount, 600)
    .option('--out <dir>', 'where result.json and result.html are written', 'bench-results')
    .option('--profile <prefix>', 'writes CPU profiles of the services to <prefix>-<service>…')
    .option('--env <NAME=value>', 'a variable of both services; may be given several times', addVariable)
    .option('--json', 'prints JSON instead of the table')
    .addHelpText('after', ABOUT);
}

interface Values extends Pick<RequestsOptions, 'backlog' | 'profile'> {
  readonly quick?: true;
  readonly guard?: true;
  readonly json?: true;
  readonly rounds?: number;
  readonly seconds?: number;
  readonly warmUp?: number;
  readonly connections?: readonly number[];
  readonly soak: number;
  readonly out: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a command that has its words is asked for. */
export function requestsOptions(command: Command): RequestsOptions {
  const { quick = false, guard = false, json = false, env = {}, ...values } = command.opts<Values>();
  const short = quick || guard;
  return {
    parts: quick && command.args.length === 0 ? QUICK_PARTS : partsOf(PARTS, command.args),
    rounds: values.rounds ?? (quick ? 10 : 20),
    seconds: values.seconds ?? 1,
    warmUpSeconds: values.warmUp ?? (short ? 10 : 60),
    connections: values.connections ?? (short ? [1, 64] : [1, 16, 64, 256]),
    backlog: values.backlog,
    soakSeconds: values.soak,
    guard,
    out: guard ? null : values.out,
    json,
    profile: values.profile,
    env,
  };
}

function parseCounts(text: string): number[] {
  return text.split(',').map(parseCount);
}
