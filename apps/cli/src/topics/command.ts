import { type Command, InvalidArgumentError } from 'commander';
import { withConnection } from '../connection/options.js';
import { examples, type OperatorCommand, type Run } from '../operator/command.js';
import { withYes } from '../operator/confirm.js';
import type { Host } from '../operator/host.js';
import { withOutput } from '../output/options.js';
import type { CreateFlags, ListFlags, PlanFlags } from './flags.js';

const EXITS = `
Exit codes: 0 done; 1 something is not well, see above; 2 the command line or a configuration can't be used;
130 interrupted.
`;

/** `topics`: the topics that the tiers need, and those that Kafka has. */
export const topicsCommand: OperatorCommand = {
  word: 'topics',
  about: 'the topics that the tiers need: what is there, what is missing, and making it',
  impact: 'rw',
  define(command, host, run) {
    command.addHelpText(
      'after',
      examples([
        ['kafka-http-proxy topics list -c proxy.yaml -c processor.yaml', 'what both tiers use, and how it is'],
        ['kafka-http-proxy topics plan -c proxy.yaml -c processor.yaml', 'what is missing, as kafka-topics lines'],
        ['kafka-http-proxy topics create -c processor.yaml --yes', 'the same, carried out'],
      ]),
    );
    defineList(command, host, run);
    definePlan(command, host, run);
    defineCreate(command, host, run);
  },
};

function defineList(command: Command, host: Host, run: Run): void {
  withOutput(withConnection(command.command('list')))
    .description('configured topics with partitions, replicas and records (reads only)')
    .option('-a, --all', 'all topics of the cluster, those of Kafka itself too')
    .addHelpText(
      'after',
      `
RECORDS is the end minus the start of all partitions. LEADERLESS counts partitions that nobody can write to now.
A configured topic that is missing has no numbers; it exits with 1 then.
${EXITS}`,
    )
    .action((flags: ListFlags) => run(async () => await (await import('./list.js')).listTopics(flags, host)));
}

function definePlan(command: Command, host: Host, run: Run): void {
  withPlan(command.command('plan'))
    .description('configured topics that are missing, as kafka-topics lines (reads only)')
    .addHelpText(
      'after',
      `
Response topics and the control topic are given a short retention, since they are no store; dead letters a long one;
marks of dead letters are compacted.
${EXITS}`,
    )
    .action((flags: PlanFlags) => run(async () => await (await import('./create.js')).planTopics(flags, host)));
}

function defineCreate(command: Command, host: Host, run: Run): void {
  withYes(withPlan(command.command('create')))
    .description('makes what is missing (writes to Kafka)')
    .option('--dry-run', 'print the plan and make nothing')
    .addHelpText(
      'after',
      `
It asks before it makes anything; where nobody can be asked it needs --yes. Each topic is then read back: it counts as
made when all of its partitions have a leader. It needs Create on the topics.
${EXITS}`,
    )
    .action((flags: CreateFlags) => run(async () => await (await import('./create.js')).createTopics(flags, host)));
}

function withPlan(command: Command): Command {
  return withOutput(withConnection(command))
    .option('--partitions <n>', 'partitions of each; kafka.topic_partitions when left out', countOf)
    .option('--replication-factor <n>', 'replicas of each; kafka.replication_factor when left out', countOf)
    .option('--command-config <file>', "what Kafka's tools are to log in with, in the lines that are printed");
}

/** @throws InvalidArgumentError which commander prints */
function countOf(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100_000)
    throw new InvalidArgumentError('a whole number of 1 to 100000 was expected.');
  return value;
}
