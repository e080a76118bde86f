import type { PartitionState } from '@kafka-http-proxy/kafka';
import {
  type CheckStep,
  createTopicLine,
  describeTopicLine,
  type Finding,
  partitionsLine,
  topicOrder,
} from '@kafka-http-proxy/operate';
import { type TopicUse, topicUses } from '../../connection/topic-uses.js';
import { type Access, scopeOf } from '../given/access.js';
import type { CheckFlags } from '../given/flags.js';

/** Fewer copies than this, and one broker that is lost may take records with it. */
const SAFE_REPLICAS = 3;

type Known = ReadonlyMap<string, readonly PartitionState[]>;

/** The topics of the tiers of this way; nothing where no configuration names any. */
export function topicSteps(access: Access, flags: CheckFlags): CheckStep[] {
  // Marks are made by who sends dead letters again.
  const uses = topicUses(access.connection.tiers).filter(({ role }) => role !== 'marks');
  if (uses.length === 0) return [];
  const step = (id: string, needs: string[], judge: (known: Known) => Finding[] | Promise<Finding[]>): CheckStep => ({
    id,
    ...scopeOf(access),
    needs,
    look: async () => await judge((await (await access.inspector()).cluster()).topics),
  });
  const there = (known: Known) => uses.filter(({ name }) => known.has(name));
  return [
    step('topics.exist', ['kafka.login'], async (known) => await judgeMissing(access, uses, known)),
    step('topics.leader', ['kafka.login'], (known) => judgeLeaders(access, there(known), known)),
    step('topics.replicas', ['kafka.login'], (known) => judgeReplicas(access, there(known), known)),
    ...(access.connection.tiers.some(({ tier }) => tier === 'proxy')
      ? [step('topics.partitions', ['kafka.login'], (known) => judgePartitions(access, flags, there(known), known))]
      : []),
  ];
}

async function judgeMissing(access: Access, uses: readonly TopicUse[], known: Known): Promise<Finding[]> {
  const missing = uses.filter(({ name }) => !known.has(name));
  const found = uses.length - missing.length;
  // Who may not Describe a topic does not see it either.
  const needs = missing.map(({ name }) => ({ resource: 'topic', name, operations: ['Describe'] }) as const);
  const hidden = new Set((await (await access.inspector()).denied(needs)).map(({ name }) => name));
  const made = access.connection.tiers.some(({ config }) => config.kafka.create_topics);
  return [
    ...missing.map((use): Finding => {
      const { name, users } = use;
      if (hidden.has(name))
        return { state: 'skip', what: `${name} is not shown to who logs in here: see access.topics` };
      const by = `of ${users.join(', ')}`;
      return {
        // The services make it themselves where they may, with the brokers' defaults.
        state: made ? 'warn' : 'FAIL',
        what: made ? `${name} ${by} is missing; it is made at the next start` : `${name} ${by} is missing`,
        fix: createTopicLine(access.target, topicOrder(use)),
        blocks: false,
      };
    }),
    ...(found > 0 ? [{ state: 'ok', what: `${found} of ${uses.length} configured topics are there` } as const] : []),
  ];
}

function judgeLeaders({ target }: Access, uses: readonly TopicUse[], known: Known): Finding[] {
  const bad = uses.flatMap(({ name }): Finding[] => {
    const lost = (known.get(name) ?? []).filter(({ leader }) => leader < 0).map(({ partition }) => partition);
    if (lost.length === 0) return [];
    return [
      {
        state: 'FAIL',
        what: `${name} has no leader for partition ${lost.join(', ')}`,
        fix: describeTopicLine(target, name),
        blocks: false,
      },
    ];
  });
  return allOr(bad, uses, 'each partition has a leader');
}

function judgeReplicas({ target }: Access, uses: readonly TopicUse[], known: Known): Finding[] {
  /** Topics by what is to be said of them: most often it is the same of all. */
  const bad = new Map<string, string[]>();
  for (const { name } of uses) {
    const state = known.get(name) ?? [];
    const least = Math.min(...state.map(({ replicas }) => replicas));
    const behind = state.filter(({ inSync, replicas }) => inSync < replicas).length;
    const few = least < SAFE_REPLICAS ? [`${least} of the ${SAFE_REPLICAS} replicas that outlive a broker`] : [];
    const late = behind > 0 ? [`${behind} partitions with replicas that are not in sync`] : [];
    const trouble = [...few, ...late].join(', and ');
    if (trouble !== '') bad.set(trouble, [...(bad.get(trouble) ?? []), name]);
  }
  const findings = [...bad].map(([trouble, names]): Finding => {
    const fix = describeTopicLine(target, names.join('|'));
    return { state: 'warn', what: `${names.join(', ')}: ${trouble}`, fix };
  });
  return allOr(findings, uses, `each partition has ${SAFE_REPLICAS} replicas or more, in sync`);
}

/** Each proxy reads a partition of its own of each response topic. */
function judgePartitions(
  { target, connection }: Access,
  { proxies }: CheckFlags,
  uses: readonly TopicUse[],
  known: Known,
): Finding[] {
  const configs = connection.tiers.flatMap((one) => (one.tier === 'proxy' ? [one.config] : []));
  const replies = uses.filter(({ role }) => role === 'replies');
  if (replies.length === 0) return [{ state: 'skip', what: 'no response topic is there' }];
  const counts = (name: string): number => known.get(name)?.length ?? 0;
  const all = configs.some(({ reply_partition: configured }) => configured === 'all');
  const needed = Math.max(
    ...configs.map(({ reply_partition: configured }) => (typeof configured === 'number' ? configured + 1 : 1)),
    all ? 1 : (proxies ?? 1),
  );
  const bad = replies
    .filter(({ name }) => counts(name) < needed)
    .map(({ name }): Finding => {
      const why = proxies !== undefined && needed === proxies ? `${proxies} proxies` : `reply_partition ${needed - 1}`;
      return {
        state: 'FAIL',
        what: `${name} has ${counts(name)} partitions, too few for ${why}: replies would be read by others too`,
        fix: partitionsLine(target, name, needed),
        blocks: false,
      };
    });
  if (bad.length > 0) return bad;
  const told = replies.map(({ name }) => `${name} ${counts(name)}`).join(', ');
  if (proxies === undefined && !all) {
    return [{ state: 'skip', what: `partitions: ${told}. How many proxies there are is not known: say --proxies` }];
  }
  return [
    { state: 'ok', what: `partitions: ${told}; enough for ${all ? 'proxies that read all' : `${proxies} proxies`}` },
  ];
}

function allOr(bad: Finding[], uses: readonly TopicUse[], well: string): Finding[] {
  if (bad.length > 0) return bad;
  return uses.length === 0 ? [{ state: 'skip', what: 'no configured topic is there' }] : [{ state: 'ok', what: well }];
}
