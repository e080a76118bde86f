import { withBodies } from '../bodies/options.js';
import { withConnection } from '../connection/options.js';
import { withFilters } from '../filters/options.js';
import { withMasking } from '../masking/options.js';
import { examples, type OperatorCommand } from '../operator/command.js';
import { withOutput } from '../output/options.js';
import type { TailFlags } from './plan.js';

const NOTES = `
Without topics, the request and response topics of the configuration are read; with --pair its dead letters too.
The ends of all partitions are looked up first, and there it stops, unless --follow goes on. Records come in the order of
their times. Nothing is committed and no group is joined. Partitions that a topic is given meanwhile are not followed.

Times: start, end; 47 (an offset), +2 and -3 (records from the start, from the end); 5m, 48h (ago);
@2026-02-14T10:00Z, @2026-02-14 (UTC where there is no zone), @1771063200000 (ms since the epoch).
--since takes two of them too: @-48h:-24h, @-1m:end, @:-1hr, @2026-02-14:1h.

--pair joins a request to its reply and prints
  time  method  target  status  queue  backend  total  id
where total is from the request's record to the last one of its reply, backend what the processor says that it took from
taking the request up (retries included), and queue the rest. "- timeout" stands for a request without a reply until its
deadline, "late" for a reply behind it. Filters are then those of the request, --status and --code those of the pair.

Exit codes: 0 done; 1 Kafka can't be reached, or has no such topic; 2 the command line or a configuration can't be used;
130 interrupted.
`;

/** `tail`: records of topics as lines, or requests with their replies as an access log. */
export const tail: OperatorCommand = {
  word: 'tail',
  about: 'records of topics, or requests with their replies as an access log',
  impact: 'ro',
  define(command, host, run) {
    command
      .argument('[topics...]', 'names, or globs such as orders-*')
      .option('--pair', 'a line for each request with its reply, in place of one for each record')
      .option('-n, --lines <count>', 'the last lines: 20, with --since all of them', undefined)
      .option('-f, --follow', 'go on with what comes, until Ctrl-C')
      .option('-i, --headers', 'HTTP fields below each record')
      .option('--all', 'canaries, credit and signs of life too')
      .option('--max-open <count>', 'with --pair: most requests that are followed at once', '10000');
    withBodies(command);
    withFilters(command);
    withMasking(command);
    withOutput(withConnection(command));
    command.addHelpText('after', NOTES).addHelpText(
      'after',
      examples([
        ['kafka-http-proxy tail -c proxy.yaml --pair -f', 'an access log of the bridge'],
        ['kafka-http-proxy tail -c proxy.yaml --pair --since 1h --status 5xx', 'what failed in the last hour'],
        [
          "kafka-http-proxy tail orders-requests --method POST --path '/orders/**' -i --bodies head",
          'orders as they were sent',
        ],
        [
          'kafka-http-proxy tail -b kafka:9092 orders-requests orders-responses --id wBa9fPOA-ATox82TUwDvh --bodies full',
          'all of one request',
        ],
        ['kafka-http-proxy tail orders-responses --since @2026-02-14:1h --json | jq .status', 'an hour of that day'],
      ]),
    );
    command.action((topics: string[], flags: TailFlags) => {
      run(async () => {
        const { runTail } = await import('./run-tail.js');
        return await runTail(topics, flags, host);
      });
    });
  },
};
