import type { AccessNeed, AccessOperation, DeniedAccess } from '../port/access.js';
import { CODE } from './errors.js';
import type { RdAdmin, RdDescribed } from './librdkafka.js';

/*
 * What Kafka lets this process do, as Kafka itself says it (KIP-430): a missing ACL is found before
 * a request fails for it, and named. https://cwiki.apache.org/confluence/display/KAFKA/KIP-430
 */

/** Numbers of Kafka's AclOperation; All stands for each of them. */
const NUMBERS: Readonly<Record<AccessOperation, number>> = { Read: 3, Write: 4, Describe: 8 };
const ALL = 2;

/**
 * Asks which of these topics Kafka denies. Silence is no denial: topics that do not exist, brokers
 * without ACLs or without KIP-430 (before 2.3) deny nothing here.
 *
 * Groups are not asked for: the package's describeGroups and listConsumerGroupOffsets end the process
 * (a null pointer, 1.10.1) as soon as a group has an error. Those who use a group tell.
 *
 * @param needs one a resource; those of groups are left out
 * @throws {RdError} when no broker answers
 */
export async function deniedTopics(
  admin: RdAdmin,
  needs: readonly AccessNeed[],
  timeoutMs: number,
): Promise<DeniedAccess[]> {
  const topics = needs.filter(({ resource }) => resource === 'topic');
  if (topics.length === 0) return [];
  const options = { timeout: timeoutMs, includeAuthorizedOperations: true };
  const names = topics.map(({ name }) => name);
  const found = await new Promise<RdDescribed[]>((resolve, reject) => {
    admin.describeTopics(names, options, (error, described) => (error ? reject(error) : resolve(described)));
  });
  return topics.flatMap((need) =>
    denial(
      need,
      found.find(({ name }) => name === need.name),
    ),
  );
}

/** The denial as the end of a sentence. */
export function describeDenial({ resource, name, operations }: DeniedAccess): string {
  return `Kafka denies ${operations.join(' and ')} on ${resource} ${name}: an ACL is missing`;
}

/** How an operator grants what is denied. @param principal without `User:`; null when it is not known here */
export function grantCommand({ resource, name, operations }: DeniedAccess, principal: string | null): string {
  const what = operations.map((operation) => `--operation ${operation}`).join(' ');
  return `kafka-acls --add --allow-principal 'User:${principal ?? '<principal>'}' ${what} --${resource} ${name}`;
}

function denial(need: AccessNeed, found: RdDescribed | undefined): DeniedAccess[] {
  const { error, authorizedOperations: allowed } = found ?? {};
  if (error?.code === CODE.topicNotAuthorized) return [need];
  // Whoever may not even describe got the error: with nothing in it, the list was not filled in.
  if (error?.code || !allowed || allowed.length === 0 || allowed.includes(ALL)) return [];
  const operations = need.operations.filter((operation) => !allowed.includes(NUMBERS[operation]));
  return operations.length === 0 ? [] : [{ ...need, operations }];
}
