import { CODE } from './errors.js';
import type { RdAdmin, RdDescribed, RdError } from './librdkafka.js';

/*
 * What Kafka lets this process do, as Kafka itself says it (KIP-430): a missing ACL is found before
 * a request fails for it, and named. https://cwiki.apache.org/confluence/display/KAFKA/KIP-430
 */

export type AccessOperation = 'Read' | 'Write' | 'Describe';

/** What a service has to be allowed to do with one resource. */
export interface AccessNeed {
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly operations: readonly AccessOperation[];
  /** True for what requests can be taken without. */
  readonly optional?: boolean;
}

/** A need of which Kafka denies these operations. */
export type DeniedAccess = AccessNeed;

/** Numbers of Kafka's AclOperation; All stands for each of them. */
const NUMBERS: Readonly<Record<AccessOperation, number>> = { Read: 3, Write: 4, Describe: 8 };
const ALL = 2;

/**
 * Asks which of these needs Kafka denies. Silence is no denial: topics that do not exist, brokers
 * without ACLs or without KIP-430 (before 2.3) deny nothing here.
 *
 * @param needs one a resource
 * @throws {RdError} when no broker answers
 */
export async function deniedAccess(
  admin: RdAdmin,
  needs: readonly AccessNeed[],
  timeoutMs: number,
): Promise<DeniedAccess[]> {
  const topics = needs.filter(({ resource }) => resource === 'topic');
  const groups = needs.filter(({ resource }) => resource === 'group');
  const options = { timeout: timeoutMs, includeAuthorizedOperations: true };
  const described = new Map<AccessNeed, RdDescribed>();
  const [ofTopics, ofGroups] = await Promise.all([
    topics.length === 0 ? [] : ask<RdDescribed[]>((done) => admin.describeTopics(names(topics), options, done)),
    groups.length === 0
      ? { groups: [] }
      : ask<{ groups: RdDescribed[] }>((done) => admin.describeGroups(names(groups), options, done)),
  ]);
  for (const need of topics) match(need, ofTopics, described);
  for (const need of groups) match(need, ofGroups.groups, described);
  return [...described].flatMap(([need, found]) => denial(need, found));
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

function names(needs: readonly AccessNeed[]): string[] {
  return needs.map(({ name }) => name);
}

function match(need: AccessNeed, all: readonly RdDescribed[], found: Map<AccessNeed, RdDescribed>): void {
  const one = all.find(({ name, groupId }) => (name ?? groupId) === need.name);
  if (one) found.set(need, one);
}

function denial(need: AccessNeed, { error, authorizedOperations: allowed }: RdDescribed): DeniedAccess[] {
  if (error?.code === CODE.topicNotAuthorized || error?.code === CODE.groupNotAuthorized) return [need];
  // Whoever may not even describe got the error: with nothing in it, the list was not filled in.
  if (error?.code || !allowed || allowed.length === 0 || allowed.includes(ALL)) return [];
  const operations = need.operations.filter((operation) => !allowed.includes(NUMBERS[operation]));
  return operations.length === 0 ? [] : [{ ...need, operations }];
}

function ask<T>(question: (done: (error: RdError | null | undefined, found: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => question((error, found) => (error ? reject(error) : resolve(found))));
}
