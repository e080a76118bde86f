import type { AccessNeed, KafkaInspector } from '@kafka-http-proxy/kafka';
import type { ReplyAddress } from '@kafka-http-proxy/protocol';
import type { TierConfig } from '../connection/configurations.js';
import { CommandFailure } from '../operator/exit.js';
import type { Planned } from './plan/plan.js';
import type { ReplaySession } from './run/session.js';

/** Response topics that one run reads at most: letters name them, and anybody may have written those. */
const MOST_REPLY_TOPICS = 50;

/**
 * Holds what a run needs against what Kafka has, and allows.
 *
 * @throws CommandFailure for a topic that is not there: a run would fail at its first letter, or make it by a typing error
 */
export async function demandTopics(
  inspector: Pick<KafkaInspector, 'cluster' | 'denied'>,
  needs: readonly AccessNeed[],
): Promise<void> {
  const denied = await inspector.denied(needs).catch(() => []);
  if (denied.length > 0) {
    const { describeDenial, grantCommand } = await import('@kafka-http-proxy/kafka');
    const lines = denied.map((need) => `${describeDenial(need)}. Have it granted by\n  ${grantCommand(need, null)}`);
    throw new CommandFailure(lines.join('\n'));
  }
  const { topics } = await inspector.cluster();
  const missing = needs.find(({ name }) => !topics.has(name));
  if (missing) throw new CommandFailure(`There is no topic ${missing.name}, or it can't be seen by this principal.`);
}

/** What Kafka denies of what long answers are read by; null: nothing. A run can do without. */
export async function longAnswersDenied(
  inspector: Pick<KafkaInspector, 'denied'>,
  controlTopic: string,
): Promise<string | null> {
  const need: AccessNeed = { resource: 'topic', name: controlTopic, operations: ['Write'] };
  const [denied] = await inspector.denied([need]).catch(() => []);
  return denied === undefined
    ? null
    : `Kafka denies Write on topic ${controlTopic}: an answer longer than a few records is cut off when its time is over`;
}

/** Which response topics the answers of letters come by. */
export interface ReplyTopics {
  /** `--reply-topic`: for all of them. */
  readonly forced: string | undefined;
  /** For those that name none. */
  readonly fallback: string | undefined;
}

/** What answers are read with. */
export interface AnswersDeps {
  readonly session: Pick<ReplaySession, 'answersAt'>;
  readonly inspector: Pick<KafkaInspector, 'cluster' | 'denied'>;
  /** Whether a topic can have replies at all. */
  isReplyTopic(topic: string): boolean;
}

/** Where answers come. */
export interface Answers {
  /** Null for a letter that can't be waited for (version 1). */
  addressOf(letter: Planned): ReplyAddress | null;
  /** True for a letter whose answer can't be read: anybody may have written what it names. */
  isUnreadable(letter: Planned): boolean;
  /** A sentence for each topic that can't be read. */
  readonly troubles: readonly string[];
}

/**
 * Opens the inbox of each response topic. One that can't be read holds back only the letters that name it.
 *
 * @throws CommandFailure, naming what can't be read and what to say instead, where that is all of them
 */
export async function openAnswers(
  letters: readonly Planned[],
  { forced, fallback }: ReplyTopics,
  { session, inspector, isReplyTopic }: AnswersDeps,
): Promise<Answers> {
  const topicOf = ({ replyTopic, version }: Planned) =>
    version === 1 ? null : (forced ?? replyTopic ?? fallback ?? null);
  const topics = new Set<string>();
  for (const letter of letters) {
    const topic = topicOf(letter);
    if (topic !== null) topics.add(topic);
    else if (letter.version === 2) throw new CommandFailure(`Letters name no response topic. ${REMEDY}`);
  }
  if (topics.size > MOST_REPLY_TOPICS) {
    throw new CommandFailure(
      `Letters name ${topics.size} response topics; ${MOST_REPLY_TOPICS} is the most of one run. ${REMEDY}`,
    );
  }
  const addresses = new Map<string, ReplyAddress>();
  const troubles = new Map<string, string>();
  for (const topic of topics) {
    try {
      if (!isReplyTopic(topic)) throw new CommandFailure('It is no response topic.');
      await demandTopics(inspector, [{ resource: 'topic', name: topic, operations: ['Read'] }]);
      addresses.set(topic, await session.answersAt(topic));
    } catch (cause) {
      const trouble = `Answers can't be read from ${topic}: ${(cause as Error).message}\n${REMEDY}`;
      if (topics.size === 1) throw new CommandFailure(trouble, 1, { cause });
      troubles.set(topic, trouble);
    }
  }
  if (topics.size > 0 && addresses.size === 0) throw new CommandFailure([...troubles.values()].join('\n'));
  return {
    addressOf: (letter) => addresses.get(topicOf(letter) ?? '') ?? null,
    isUnreadable: (letter) => troubles.has(topicOf(letter) ?? ''),
    troubles: [...troubles.values()],
  };
}

const REMEDY = 'Name one with --reply-topic, or wait for no answers with --no-wait.';

/** The response topic of requests that name none: the proxy's default. */
export function replyTopicOf(tiers: readonly TierConfig[]): string | undefined {
  for (const tier of tiers) if (tier.tier === 'proxy') return tier.config.default_response_topic;
  return undefined;
}
