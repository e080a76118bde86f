import { type Command, InvalidArgumentError } from 'commander';
import { repeated, withConnection } from '../connection/options.js';
import { examples, type OperatorCommand } from '../operator/command.js';
import { withOutput } from '../output/options.js';
import type { RequestFlags } from './flags.js';
import type { DataFlag } from './message/data.js';

const NOTES = `
The request takes the way of every other one: a proxy inside this command publishes it, and reads its reply from a
partition of its own, so that what is printed is what curl gets from a proxy, byte for byte. Options are curl's, and so
are the fields that it adds. Where it goes: --topic; else the routes of the proxy's configuration decide.
-X is the method here; a property of librdkafka is given by --property.

The body goes to stdout as it is, and as it comes. On a terminal nothing of it moves the cursor or changes colours, and
a binary one is refused. -v says where the request went, and what publishing, the queue, the backend and the way back
took.

It writes to the request topic, to its partition of the response topic and, for long bodies, to control_topic. It needs
what a proxy needs: Write on the request topic, Read and Write on the response topic, Describe on the group khp-inbox,
Write on control_topic for bodies beyond a record; Describe on the processor's group, to say more of a timeout.

Exit codes: 0 there was a response, whatever its status; 1 a topic or a right is missing; 2 the command line or a
configuration can't be used; 7 Kafka can't be reached; 18 the response broke off; 22 status 400 or more (--fail);
23 the body can't be written, or is not for a terminal; 28 no reply in time; 130 interrupted.
`;

/** `request`: one request over Kafka. */
export const requestCommand: OperatorCommand = {
  word: 'request',
  about: 'sends an HTTP request over Kafka, and prints the response as curl does',
  impact: 'rw',
  define(command, host, run) {
    const data: DataFlag[] = [];
    options(command, data).action((target: string, flags: RequestFlags) =>
      run(async () => await (await import('./run.js')).runRequest(target, { ...flags, data }, host)),
    );
  },
};

function options(command: Command, data: DataFlag[]): Command {
  const part = (binary: boolean) => (text: string) => void data.push({ binary, text });
  return withOutput(withConnection(command, '--property <name=value>'))
    .argument('<target>', 'a path, or a URL of http, whose authority goes into Host')
    .option('-t, --topic <topic>', 'the request topic; the routes of the configuration decide without it')
    .option('-r, --reply-topic <topic>', 'the response topic; that of the route to the topic, or the default one')
    .option('-X, --request <method>', 'the method; GET, or POST with -d, when left out')
    .option('-I, --head', 'a HEAD request, and its response head')
    .option('-H, --header <field>', '"Name: value"; "Name:" takes a field of ours away; may be repeated', repeated)
    .option('-d, --data <text>', 'a body: text, @file or @- without line ends; several are joined by &', part(false))
    .option('--data-binary <text>', 'the same, @file or @- as it is', part(true))
    .option('-m, --max-time <seconds>', 'how long the whole may take; the timeout of the route when left out', seconds)
    .option('-i, --include', 'print the response head too')
    .option('-v, --verbose', 'say where it went and what took how long, on stderr')
    .option('-o, --output <file>', 'write the response there; - is stdout, whatever it is')
    .option('-f, --fail', 'exit with 22 on a status of 400 or more, without its body')
    .option('-n, --count <n>', 'send it n times, and print times and statuses instead of bodies', whole)
    .option('--concurrency <n>', 'how many of them at once', whole, 1)
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples([
        ['kafka-http-proxy request -c proxy.yaml /orders/1', 'by the routes of a proxy'],
        ['kafka-http-proxy request -b kafka:9092 -t orders-requests -i /orders/1', 'to a topic'],
        [`kafka-http-proxy request -c proxy.yaml -d '{"n":1}' -H 'Content-Type: application/json' /orders`, 'a POST'],
        ['kafka-http-proxy request -c proxy.yaml --data-binary @photo.jpg -X PUT /photos/1', 'a file as it is'],
        ['kafka-http-proxy request -c proxy.yaml -v /orders/1 -o /dev/null', 'where the time goes'],
        ['kafka-http-proxy request -c proxy.yaml -n 100 --fail /health', 'a hundred of them: min, avg, p95, max'],
      ]),
    );
}

/** @throws InvalidArgumentError which commander prints */
function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('seconds above 0 were expected.');
  return value;
}

/** @throws InvalidArgumentError which commander prints */
function whole(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 1_000_000) throw new InvalidArgumentError('a number from 1 to 1000000 was expected.');
  return value;
}
