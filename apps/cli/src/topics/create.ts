import { setTimeout } from 'node:timers/promises';
import type { KafkaInspector } from '@kafka-http-proxy/kafka';
import { createTopicLine, retentionAdvice, type TopicOrder, topicOrder } from '@kafka-http-proxy/operate';
import { type Connection, connectionOf, withInspector } from '../connection/connection.js';
import { toolTarget } from '../connection/tool-target.js';
import { type TopicUse, topicUses } from '../connection/topic-uses.js';
import { confirm, NOBODY_TO_ASK } from '../operator/confirm.js';
import { EXIT, mistake } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { createPrinter, type Printer } from '../output/printer.js';
import type { CreateFlags, PlanFlags } from './flags.js';

interface Planned {
  readonly use: TopicUse;
  readonly order: TopicOrder;
}

/** Prints what is missing as commands. @returns 0; nothing has failed where something is missing */
export async function planTopics(flags: PlanFlags, host: Host): Promise<number> {
  const connection = await connectionOf(flags, host);
  const print = createPrinter(host, flags);
  return await withInspector(connection, host, async (inspector) => {
    printPlan(print, await plan(inspector, connection, flags), connection, flags);
    return EXIT.done;
  });
}

/** Makes what is missing, when that is wanted. @returns 1 where a topic could not be made, or nobody said yes */
export async function createTopics(flags: CreateFlags, host: Host): Promise<number> {
  if (flags.dryRun === true) return await planTopics(flags, host);
  const connection = await connectionOf(flags, host);
  const print = createPrinter(host, flags);
  return await withInspector(connection, host, async (inspector) => {
    const planned = await plan(inspector, connection, flags);
    if (planned.length === 0) {
      print.note('All configured topics are there.');
      return EXIT.done;
    }
    if (flags.yes !== true && !(await isWanted(planned, connection, flags, host)))
      return host.signal.aborted ? EXIT.interrupted : EXIT.notWell;
    let failures = 0;
    for (const { order } of planned) {
      if (host.signal.aborted) return EXIT.interrupted;
      if (!(await create(inspector, order, print, host))) failures++;
    }
    return failures === 0 ? EXIT.done : EXIT.notWell;
  });
}

/** What is missing, in the order of a request's way. @throws CommandFailure where no configuration names topics */
async function plan(inspector: KafkaInspector, { tiers }: Connection, flags: PlanFlags): Promise<Planned[]> {
  const uses = topicUses(tiers);
  if (uses.length === 0) throw mistake('topics: a configuration (-c) was expected, none was found');
  const { topics } = await inspector.cluster();
  return uses
    .filter(({ name }) => !topics.has(name))
    .map((use) => {
      const { partitions = use.partitions, replicationFactor = use.replicationFactor } = flags;
      return { use, order: topicOrder({ ...use, partitions, replicationFactor }) };
    });
}

function printPlan(print: Printer, planned: readonly Planned[], { settings }: Connection, flags: PlanFlags): void {
  if (planned.length === 0) print.note('All configured topics are there.');
  for (const { use, order } of planned) {
    const line = createTopicLine(toolTarget(settings, flags.commandConfig), order);
    if (print.json) {
      const { name, partitions, replicationFactor, config } = order;
      print.object({
        topic: name,
        for: use.role,
        partitions,
        replicas: replicationFactor,
        config,
        command: line,
      });
    } else {
      print.text(`# ${use.role}, ${use.users.join(', ')}; ${retentionAdvice(use.role)}\n${line}`);
    }
  }
}

/** Asks whoever sits at the terminal. @throws CommandFailure where nobody does */
async function isWanted(planned: readonly Planned[], connection: Connection, flags: CreateFlags, host: Host) {
  const { stdin, stderr } = host;
  if (stdin.isTTY !== true || flags.json === true) throw mistake(`${NOBODY_TO_ASK}, or --dry-run.`);
  // The question is no data.
  printPlan(createPrinter({ ...host, stdout: stderr }, {}), planned, connection, flags);
  return await confirm(host, `Make ${planned.length === 1 ? 'it' : `these ${planned.length} topics`}?`);
}

/** Makes one and reads it back. @returns whether it is there with leaders */
async function create(inspector: KafkaInspector, order: TopicOrder, print: Printer, host: Host): Promise<boolean> {
  const { name } = order;
  try {
    await inspector.createTopic(order);
  } catch (error) {
    print.note(`${name}: not made. ${(error as Error).message}`);
    return false;
  }
  for (const endAt = Date.now() + APPEARS_MS; Date.now() < endAt && !host.signal.aborted; await pause(host)) {
    const state = (await inspector.cluster()).topics.get(name);
    if (state === undefined || state.length === 0 || state.some(({ leader }) => leader < 0)) continue;
    const replicas = Math.min(...state.map(({ replicas: count }) => count));
    if (print.json) print.object({ topic: name, partitions: state.length, replicas, config: order.config });
    else print.text(`${name}: made, with ${state.length} partitions and ${replicas} replicas`);
    return true;
  }
  print.note(`${name}: made, but its partitions have no leaders after ${APPEARS_MS} ms`);
  return false;
}

/** How long a new topic may take to get its leaders, ms. */
const APPEARS_MS = 10_000;

function pause({ signal }: Host): Promise<unknown> {
  return setTimeout(100, null, { signal }).catch(() => null);
}
