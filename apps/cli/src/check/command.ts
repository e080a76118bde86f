import { InvalidArgumentError, Option } from 'commander';
import { repeated, withConnection } from '../connection/options.js';
import { examples, type OperatorCommand } from '../operator/command.js';
import { withOutput } from '../output/options.js';
import type { CheckFlags } from './given/flags.js';

const NOTES = `
A line a check: ok, warn, FAIL or skip, its id, what was found, and below what is not well a line for a shell that
puts it right or shows more of it. A check needs those before it: where one failed it is skipped, and says so. What was
not looked at is never ok. With the configurations of both tiers it also holds them against each other, and asks Kafka
as each of them. Ids are stable:

  config.load, config.topics, config.control, config.dead-letters, config.timeout, config.tls
  kafka.dns, kafka.tcp, kafka.tls, kafka.tls.expiry, kafka.tls.chain, kafka.tls.name, kafka.tls.client,
  kafka.login, kafka.brokers
  topics.exist, topics.leader, topics.replicas, topics.partitions
  access.topics, access.groups, groups.read, lag
  probe.round-trip, probe.size, probe.requests        with --probe
  service.ready, service.version, service.clock       with --proxy or --processor

Only --probe writes: records that proxies and processors know for canaries and drop.
"kafka-http-proxy proxy --check" is something else: it validates a configuration, prints it, and reaches for nothing.

Exit codes: 0 nothing failed; 1 something failed; 2 the command line can't be used; 130 interrupted.
With --format nagios: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
`;

/** `check`: what is wrong, and the command that puts it right. */
export const checkCommand: OperatorCommand = {
  word: 'check',
  about: 'what is wrong between here and Kafka, and what puts it right',
  impact: 'ro+',
  define(command, host, run) {
    withOutput(withConnection(command))
      .addOption(
        new Option('--format <format>', 'how findings are printed').choices(['text', 'json', 'nagios']).default('text'),
      )
      .option('--only <glob>', 'ids of the checks to run, kafka.* or lag; may be repeated', repeated)
      .option('--skip <glob>', 'ids of the checks to leave out; may be repeated', repeated)
      .option('--proxies <n>', 'how many proxies there are, each with a partition of the response topics', countOf)
      .option('--probe', 'write canaries to the response topics and the control topic, and read them back')
      .option('--cert-warn <duration>', 'warn of certificates that end within this time', '30d')
      .option('--lag-warn <limit>', 'warn of a topic that is behind by more than 1000 records, or 30s')
      .option('--lag-fail <limit>', 'the same, as a failure')
      .option('--proxy <url>', 'management server of a proxy, http://host:8081; may be repeated', repeated)
      .option('--processor <url>', 'management server of a processor; may be repeated', repeated)
      .option('--command-config <file>', "what Kafka's tools are to log in with, in the lines that are printed")
      .addHelpText('after', NOTES)
      .addHelpText(
        'after',
        examples([
          ['kafka-http-proxy check -c proxy.yaml -c processor.yaml', 'all that can be seen without writing'],
          ['kafka-http-proxy check -c proxy.yaml --probe --proxies 3', 'and whether what is written comes back'],
          ["kafka-http-proxy check -c processor.yaml --only 'kafka.tls.*' --cert-warn 14d", 'certificates alone'],
          ['kafka-http-proxy check -c processor.yaml --format nagios --lag-warn 5s --lag-fail 30s', 'for a monitor'],
          ['kafka-http-proxy check -b kafka:9092 -X security.protocol=SSL', 'a cluster, without any configuration'],
        ]),
      )
      .action((flags: CheckFlags) => run(async () => await (await import('./check.js')).runCheck(flags, host)));
  },
};

/** @throws InvalidArgumentError which commander prints */
function countOf(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more, was expected.');
  return value;
}
