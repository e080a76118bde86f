import { connect, disconnect } from '../client/connect.js';
import { fault } from '../client/errors.js';
import { librdkafka, type RdError, type RdGroup } from '../client/librdkafka.js';
import { clientConfig } from '../client/settings.js';
import { pause } from '../client/timing.js';
import type { KafkaSettings } from '../port/settings.js';

/*
 * Static membership (KIP-345): of two members with one `group.instance.id` Kafka fences the one that came first
 * (classic), or refuses the one that came last (KIP-848). Whoever joins again at once fences the other in turn, for ever.
 */

/** How a member was kept out: Kafka tells it in librdkafka's log only. */
export type RivalKind = 'fenced' | 'taken';

/** How long a kept out member stands aside before it looks again, ms. */
const RIVAL_MS = 10_000;

const TIMEOUT_MS = 5000;

/** What a line that librdkafka logged as fatal says of another member of the same name; null: nothing. */
export function readRival(message: string): RivalKind | null {
  if (message.includes('Static consumer fenced by other consumer')) return 'fenced';
  return message.includes('The instance ID is still used by another member') ? 'taken' : null;
}

/** A sentence for the log and /ready. */
export function rivalSentence(group: string, instanceId: string): string {
  return `consumer group ${group} has another member with group.instance.id ${JSON.stringify(instanceId)}, so this one stands aside: give each instance its own in kafka.properties, or leave it out`;
}

/**
 * Stands aside: joining at once would fence the other in turn. Resolves when it is gone, or may be, or by the signal. By
 * KIP-848 a second one is refused and does no harm, so that it may try again soon.
 */
export async function standAside(
  kind: RivalKind,
  settings: KafkaSettings,
  named: { readonly group: string; readonly instanceId: string },
  signal: AbortSignal,
): Promise<void> {
  let rivals = true;
  while (rivals && !signal.aborted) {
    await pause(RIVAL_MS, signal);
    if (kind === 'taken' || signal.aborted) return;
    rivals = await hasMember(settings, named, signal).catch(() => true);
  }
}

/** Whether a group still has a member of that name. @throws {KafkaClientFault} when Kafka does not say */
export async function hasMember(
  settings: KafkaSettings,
  { group, instanceId }: { readonly group: string; readonly instanceId: string },
  signal?: AbortSignal,
): Promise<boolean> {
  const config = clientConfig(settings, 'admin', {}, {});
  const client = await connect('request_consumer', settings.events, () => new librdkafka.Producer(config), signal);
  try {
    const { groups } = await new Promise<{ groups: RdGroup[] }>((resolve, reject) => {
      const done = (error: RdError | null | undefined, found: { groups: RdGroup[] }) =>
        error ? reject(error) : resolve(found);
      librdkafka.AdminClient.createFrom(client).describeGroups([group], { timeout: TIMEOUT_MS }, done);
    });
    const [found] = groups;
    if (found === undefined || found.error?.code) throw new Error(found?.error?.message ?? 'nothing was said of it');
    return found.members.some((member) => member.groupInstanceId === instanceId);
  } catch (error) {
    throw fault(`the members of consumer group ${group}`, error);
  } finally {
    await disconnect(client);
  }
}
