import {
  type AccessNeed,
  KafkaClientFault,
  type KafkaInspector,
  mergeNeeds,
  type TopicPartition,
} from '@kafka-http-proxy/kafka';
import { type CheckStep, type Finding, grantLine } from '@kafka-http-proxy/operate';
import { processorNeeds } from '@kafka-http-proxy/processor';
import { proxyNeeds } from '@kafka-http-proxy/proxy';
import { type Access, scopeOf } from '../given/access.js';

/** What Kafka has to allow whoever logs in here; nothing where no configuration says what is needed. */
export function accessSteps(access: Access): CheckStep[] {
  const needs = mergeNeeds(
    access.connection.tiers.flatMap((tier) =>
      tier.tier === 'proxy' ? proxyNeeds(tier.config) : processorNeeds(tier.config),
    ),
  );
  if (needs.length === 0) return [];
  const step = (id: string, resource: AccessNeed['resource'], judge: typeof judgeTopics): CheckStep => ({
    id,
    ...scopeOf(access),
    needs: ['kafka.login'],
    look: async () =>
      await judge(
        access,
        needs.filter((need) => need.resource === resource),
      ),
  });
  return [step('access.topics', 'topic', judgeTopics), step('access.groups', 'group', judgeGroups)];
}

async function judgeTopics(access: Access, needs: readonly AccessNeed[]): Promise<Finding[]> {
  const inspector = await access.inspector();
  const denied = await inspector.denied(needs);
  const { topics } = await inspector.cluster();
  const others = needs.filter(({ name }) => !denied.some((one) => one.name === name));
  // Kafka says nothing of a topic that is not there.
  const absent = others.filter(({ name }) => !topics.has(name)).map(({ name }) => name);
  const well = others.length - absent.length;
  return [
    ...denied.map((need) => denial(access, need)),
    ...absent.map(
      (name): Finding => ({ state: 'skip', what: `${name} is missing: what is allowed on it is not known` }),
    ),
    ...(well > 0 ? [{ state: 'ok', what: `Kafka denies nothing that is needed on ${well} topics` } as const] : []),
  ];
}

function denial({ target, principal }: Access, { optional = false, ...need }: AccessNeed): Finding {
  const { resource, name, operations } = need;
  const without = optional === false ? '' : ', which requests of one record can do without';
  return {
    state: optional === false ? 'FAIL' : 'warn',
    what: `Kafka denies ${principal ?? 'this login'} ${operations.join(' and ')} on ${resource} ${name}${without}`,
    fix: grantLine(target, need, principal),
    // Of topics each is for itself; what a group may not is what its lag is asked by.
    blocks: resource === 'group',
  };
}

/** Kafka is asked for what the groups have committed, which needs Describe: that comes with Read. */
async function judgeGroups(access: Access, needs: readonly AccessNeed[]): Promise<Finding[]> {
  const inspector = await access.inspector();
  const { topics } = await inspector.cluster();
  const [topic] = topics.keys();
  if (topic === undefined)
    return [{ state: 'skip', what: 'no topic is shown to who logs in here, so no group can be asked for' }];
  const findings = await Promise.all(
    needs.map(async (need) => await judgeGroup(access, inspector, need, { topic, partition: 0 })),
  );
  const told = findings.filter((finding) => finding !== null);
  const well = needs.filter((_, i) => findings[i] === null);
  const reads = well.some(({ operations }) => operations.includes('Read'));
  // Only who joins a group learns whether Read is allowed where Describe is.
  const unknown = reads ? '; whether Read is, where Describe is, only a processor that joins finds out' : '';
  const names = well.map(({ name }) => name).join(', ');
  return [
    ...told,
    ...(well.length > 0 ? [{ state: 'ok', what: `Describe is allowed on ${names}${unknown}` } as const] : []),
  ];
}

/** Null where nothing is denied. @throws {KafkaClientFault} when Kafka does not tell */
async function judgeGroup(
  access: Access,
  inspector: KafkaInspector,
  need: AccessNeed,
  at: TopicPartition,
): Promise<Finding | null> {
  try {
    await inspector.committed(need.name, [at]);
    return null;
  } catch (error) {
    if (!(error instanceof KafkaClientFault) || error.code !== GROUP_AUTHORIZATION_FAILED) throw error;
    return denial(access, need);
  }
}

/** https://kafka.apache.org/protocol#protocol_error_codes */
const GROUP_AUTHORIZATION_FAILED = 30;
