import { parseArgs } from 'node:util';
import { parseCount, parseParts, parseVariable, withoutSeparator } from '../options/values.js';

/** The parts of `bench:streams`, in the order in which they run. */
export const PARTS = ['copy', 'bodies', 'sse', 'slow', 'kill'] as const;
export type Part = (typeof PARTS)[number];

export interface StreamsOptions {
  readonly parts: readonly Part[];
  readonly direct: boolean;
  readonly json: boolean;
  /** Bytes of a body, and of a raw copy. */
  readonly size: number;
  readonly rounds: number;
  readonly streams: number;
  /** Events of a stream a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly profile: string | undefined;
  /** Variables of both services, to try settings out. */
  readonly env: Readonly<Record<string, string>>;
}

export const USAGE = `bench:streams [options] [${PARTS.join('|')} …]

Measures bodies of any size and replies that stream, on Apache Kafka with the broker's default message
limit: of its own (Java 17, Maven), or the one that KAFKA_BOOTSTRAP_SERVERS names. Without a part: all.

  copy    the floor: records from process to process, and the same with HTTP at both ends
  bodies  one long body up, one down, each beside the floor; memory of the services
  sse     many streams of server-sent events: latency, order, loss
  slow    small requests while somebody reads a long reply slowly
  kill    kill -9 of a processor while replies stream

  --size <bytes>      of a body and of a copy; KiB, MiB and GiB are understood (1GiB)
  --rounds <n>        rounds of copy and bodies; the median is told (1)
  --streams <n>       of sse (500), and of kill (a fifth of it)
  --rate <n>          events of a stream a second (10)
  --seconds <n>       that events are sent, half of it for each phase of slow (20)
  --direct            without the bridge: the clients talk to the backend
  --profile <prefix>  writes CPU profiles and memory of the services to <prefix>-<part>-<service>…
  --env <NAME=value>  a variable of both services; may be given several times
  --json              prints JSON instead of the table
  --help

Exit code 1: something arrived wrong. A target that was missed is told, and is no failure.
`;

const SPEC = {
  size: { type: 'string', default: '1GiB' },
  rounds: { type: 'string', default: '1' },
  streams: { type: 'string', default: '500' },
  rate: { type: 'string', default: '10' },
  seconds: { type: 'string', default: '20' },
  direct: { type: 'boolean', default: false },
  profile: { type: 'string' },
  env: { type: 'string', multiple: true, default: [] as string[] },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** @throws {Error} with one sentence about what can't be used; null for --help */
export function parseOptions(argv: readonly string[]): StreamsOptions | null {
  const { values, positionals } = parseArgs({
    args: withoutSeparator(argv),
    options: SPEC,
    allowPositionals: true,
    strict: true,
  });
  if (values.help) return null;
  return {
    parts: parseParts(PARTS, positionals),
    direct: values.direct,
    json: values.json,
    size: parseBytes(values.size),
    rounds: parseCount('rounds', values.rounds),
    streams: parseCount('streams', values.streams),
    rate: parseCount('rate', values.rate),
    seconds: parseCount('seconds', values.seconds),
    profile: values.profile,
    env: Object.fromEntries(values.env.map(parseVariable)),
  };
}

const FACTORS: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

export function parseBytes(text: string): number {
  const [, number, unit = ''] = /^(\d+)(KiB|MiB|GiB)?$/.exec(text) ?? [];
  const bytes = Number(number) * (FACTORS[unit] ?? Number.NaN);
  if (!(bytes > 0)) throw new Error(`--size is "${text}"; a number of bytes was expected, such as 268435456 or 256MiB`);
  return bytes;
}

/** `1 GiB` for 1073741824: the largest unit in which it is whole. */
export function formatBytes(bytes: number): string {
  const [unit, factor] = Object.entries(FACTORS).findLast(([, one]) => bytes % one === 0) ?? ['', 1];
  return `${bytes / factor} ${unit || 'bytes'}`;
}
