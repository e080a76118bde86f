import { setTimeout } from 'node:timers/promises';
import type { KafkaInspector } from '@kafka-http-proxy/kafka';
import { lagsAbove, parseLagLimit, type TopicLag, totalLags } from '@kafka-http-proxy/operate';
import { type Connection, connectionOf, withInspector } from '../connection/connection.js';
import { CommandFailure, EXIT, mistake } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { createPrinter, type Printer } from '../output/printer.js';
import type { LagFlags } from './flags.js';
import { type GroupTopic, measureLags } from './measure.js';
import { ageText, printLags } from './print-lags.js';

const WATCH_S = 2;

/** Looks once, or until it is interrupted. @returns the exit code */
export async function runLag(topics: readonly string[], flags: LagFlags, host: Host): Promise<number> {
  const limit = flags.failAbove === undefined ? null : parseLagLimit(flags.failAbove, '--fail-above');
  const connection = await connectionOf(flags, host);
  const print = createPrinter(host, flags);
  return await withInspector(connection, host, async (inspector) => {
    for (let again = false; ; again = true) {
      const wanted = await wantedOf(inspector, connection, topics, flags);
      const lags = await measureLags(inspector, wanted);
      if (host.signal.aborted) return EXIT.interrupted;
      const totals = totalLags(lags);
      if (flags.watch !== undefined) beginBlock(host, print, again);
      printLags(print, lags, totals);
      const above = limit === null ? [] : lagsAbove(totals, limit);
      for (const total of above) print.note(sentence(total, String(flags.failAbove)));
      if (above.length > 0) return EXIT.notWell;
      if (flags.watch === undefined) return EXIT.done;
      const seconds = flags.watch === true ? WATCH_S : flags.watch;
      await setTimeout(seconds * 1000, null, { signal: host.signal }).catch(() => null);
      if (host.signal.aborted) return EXIT.interrupted;
    }
  });
}

/** Which groups on which topics. @throws CommandFailure where nothing says so, or a topic is not there */
async function wantedOf(
  inspector: KafkaInspector,
  { tiers }: Connection,
  topics: readonly string[],
  { group: groups = [] }: LagFlags,
): Promise<GroupTopic[]> {
  const { topics: known } = await inspector.cluster();
  for (const topic of topics) {
    if (!known.has(topic))
      throw new CommandFailure(`Kafka has no topic ${topic}, or does not show it to who logs in here`);
  }
  if (groups.length > 0 && topics.length > 0)
    return groups.flatMap((group) => topics.map((topic) => ({ group, topic })));
  if (groups.length > 0) {
    const all = [...known].flatMap(([topic, partitions]) => partitions.map(({ partition }) => ({ topic, partition })));
    const found = await Promise.all(
      groups.map(async (group) => {
        const names = new Set((await inspector.committed(group, all)).map(({ topic }) => topic));
        if (names.size === 0)
          throw new CommandFailure(`group ${group} has committed nothing in any topic that is shown here`);
        return [...names].map((topic) => ({ group, topic }));
      }),
    );
    return found.flat();
  }
  const configured = tiers.flatMap((tier) =>
    tier.tier === 'processor'
      ? tier.config.topics.map(({ request_topic: topic, consumer_group: group }) => ({ group, topic }))
      : [],
  );
  if (topics.length === 0 && configured.length === 0) {
    throw mistake("lag: a topic, --group or the processor's configuration (-c) was expected, none was found");
  }
  if (topics.length === 0) return configured;
  return topics.map((topic) => configured.find((one) => one.topic === topic) ?? { group: `processor-${topic}`, topic });
}

function beginBlock({ stdout }: Host, print: Printer, again: boolean): void {
  if (print.json) return;
  // Home, and all below is cleared: nothing flickers, and what was above stays in the scroll-back.
  if (stdout.isTTY === true) stdout.write(again ? '\u001b[H\u001b[J' : '\u001b[2J\u001b[H');
  else if (again) print.line('');
  print.line(`# ${new Date().toISOString()}`);
}

function sentence({ topic, group, lag, ageMs }: TopicLag, limit: string): string {
  return `${topic}: group ${group} is behind by ${lag} records and ${ageText(ageMs)}, more than ${limit}`;
}
