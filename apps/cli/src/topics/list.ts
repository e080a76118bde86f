import type { KafkaInspector, PartitionOffset, PartitionState } from '@kafka-http-proxy/kafka';
import { connectionOf, withInspector } from '../connection/connection.js';
import { topicUses } from '../connection/topic-uses.js';
import { EXIT, mistake } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import type { Column } from '../output/columns.js';
import { createPrinter } from '../output/printer.js';
import type { ListFlags } from './flags.js';

interface Row {
  readonly topic: string;
  /** Null: there is no such topic, or it is not shown. */
  readonly state: readonly PartitionState[] | null;
  /** Null where a partition does not tell. */
  readonly records: number | null;
  readonly role: string | null;
  readonly users: readonly string[];
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic, least: 20 },
  { title: 'FOR', value: ({ role }) => role },
  { title: 'PARTITIONS', value: ({ state }) => (state === null ? 'missing' : state.length), align: 'right' },
  { title: 'REPLICAS', value: ({ state }) => leastReplicas(state), align: 'right' },
  { title: 'LEADERLESS', value: ({ state }) => leaderless(state), align: 'right' },
  { title: 'RECORDS', value: ({ records }) => records, align: 'right' },
  { title: 'USED BY', value: ({ users }) => (users.length === 0 ? null : users.join(', ')), least: 12, drop: 1 },
];

/** Prints the topics. @returns 1 where a configured topic is missing or a partition has no leader */
export async function listTopics(flags: ListFlags, host: Host): Promise<number> {
  const connection = await connectionOf(flags, host);
  const uses = topicUses(connection.tiers);
  if (uses.length === 0 && flags.all !== true) throw mistake('topics list: -c or --all was expected, none was found');
  const print = createPrinter(host, flags);
  return await withInspector(connection, host, async (inspector) => {
    const { topics } = await inspector.cluster();
    const others =
      flags.all === true ? [...topics.keys()].filter((name) => !uses.some((use) => use.name === name)) : [];
    const names = [...uses.map(({ name }) => name), ...others.sort()];
    const records = await recordsOf(inspector, topics, names);
    const rows = names.map((topic): Row => {
      const use = uses.find(({ name }) => name === topic);
      const [state, count] = [topics.get(topic) ?? null, records.get(topic) ?? null];
      return { topic, state, records: count, role: use?.role ?? null, users: use?.users ?? [] };
    });
    print.rows(COLUMNS, rows, ({ topic, state, records: count, role, users }) => ({
      topic,
      for: role,
      partitions: state?.length ?? null,
      replicas: leastReplicas(state),
      leaderless: leaderless(state),
      records: count,
      used_by: users,
    }));
    const missing = rows.filter(({ state, role }) => state === null && role !== null && role !== 'marks');
    if (missing.length > 0) print.note('Missing ones are planned by "topics plan" and made by "topics create".');
    return missing.length > 0 || rows.some(({ state }) => (leaderless(state) ?? 0) > 0) ? EXIT.notWell : EXIT.done;
  });
}

/** End minus start, over all partitions; left out where one does not tell. */
async function recordsOf(
  inspector: KafkaInspector,
  topics: ReadonlyMap<string, readonly PartitionState[]>,
  names: readonly string[],
): Promise<Map<string, number>> {
  const all = names.flatMap((topic) => (topics.get(topic) ?? []).map(({ partition }) => ({ topic, partition })));
  const [starts, ends] = await Promise.all([inspector.offsets(all, 'start'), inspector.offsets(all, 'end')]);
  const sum = (offsets: readonly PartitionOffset[], topic: string) =>
    offsets.reduce((total, at) => (at.topic === topic ? total + at.offset : total), 0);
  const told = (topic: string) => ends.filter((at) => at.topic === topic).length;
  return new Map(
    names
      .filter((topic) => topics.has(topic) && told(topic) === topics.get(topic)?.length)
      .map((topic) => [topic, sum(ends, topic) - sum(starts, topic)]),
  );
}

function leastReplicas(state: Row['state']): number | null {
  return state === null || state.length === 0 ? null : Math.min(...state.map(({ replicas }) => replicas));
}

function leaderless(state: Row['state']): number | null {
  return state === null ? null : state.filter(({ leader }) => leader < 0).length;
}
