import { parseCount } from '@kafka-http-proxy/testkit';
import { Command, InvalidArgumentError } from 'commander';
import { addVariable, partsArgument, partsOf } from '../options/values.js';

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

const ABOUT = `
Parts:
  copy    the floor: records from process to process, and the same with HTTP at both ends
  bodies  one long body up, one down, each beside the floor; memory of the services
  sse     many streams of server-sent events: latency, order, loss
  slow    small requests while somebody reads a long reply slowly
  kill    kill -9 of a processor while replies stream

Exit code 1: something arrived wrong. A target that was missed is reported, and is no failure.`;

/** The command `bench:streams`, before it has been given its words. */
export function streamsCommand(): Command {
  return new Command('bench:streams')
    .description(
      "Measures bodies of any size and replies that stream, on Apache Kafka with the broker's default message limit: " +
        'of its own (Java 17, Maven), or the one that KAFKA_BOOTSTRAP_SERVERS names.',
    )
    .addArgument(partsArgument(PARTS))
    .option('--size <bytes>', 'of a body and of a copy; KiB, MiB and GiB are understood (1GiB)', parseBytes)
    .option('--rounds <n>', 'rounds of copy and bodies; the median is reported', parseCount, 1)
    .option('--streams <n>', 'of sse, and of kill (a fifth of it)', parseCount, 500)
    .option('--rate <n>', 'events of a stream a second', parseCount, 10)
    .option('--seconds <n>', 'that events are sent, half of it for each phase of slow', parseCount, 20)
    .option('--direct', 'without the bridge: the clients talk to the backend')
    .option('--profile <prefix>', 'writes CPU profiles and memory of the services to <prefix>-<part>-<service>…')
    .option('--env <NAME=value>', 'a variable of both services; may be given several times', addVariable)
    .option('--json', 'prints JSON instead of the table')
    .addHelpText('after', ABOUT);
}

/** What a command that has its words is asked for. */
export function streamsOptions(command: Command): StreamsOptions {
  const { size = 2 ** 30, direct = false, json = false, env = {}, profile, ...rest } = command.opts<Values>();
  return { ...rest, parts: partsOf(PARTS, command.args), size, direct, json, env, profile };
}

interface Values extends Pick<StreamsOptions, 'rounds' | 'streams' | 'rate' | 'seconds' | 'profile'> {
  readonly size?: number;
  readonly direct?: true;
  readonly json?: true;
  readonly env?: Readonly<Record<string, string>>;
}

const FACTORS: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Reads a size, in bytes. @throws {InvalidArgumentError} for anything else */
export function parseBytes(text: string): number {
  const [, number, unit = ''] = /^(\d+)(KiB|MiB|GiB)?$/.exec(text) ?? [];
  const bytes = Number(number) * (FACTORS[unit] ?? Number.NaN);
  if (!(bytes > 0)) throw new InvalidArgumentError('A number of bytes was expected, such as 268435456 or 256MiB.');
  return bytes;
}

/** `1 GiB` for 1073741824: the largest unit in which it is whole. */
export function formatBytes(bytes: number): string {
  const [unit, factor] = Object.entries(FACTORS).findLast(([, one]) => bytes % one === 0) ?? ['', 1];
  return `${bytes / factor} ${unit || 'bytes'}`;
}
