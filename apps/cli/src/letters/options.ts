import { MAX_REPLAYS } from '@kafka-http-proxy/operate';
import { isLegalTopic } from '@kafka-http-proxy/protocol';
import type { Command } from 'commander';
import type { TierConfig } from '../connection/configurations.js';
import { mistake } from '../operator/exit.js';

/** Which letters, and where it is kept what was done about them. */
export interface LetterFlags {
  readonly deadLetterTopic?: string;
  readonly state?: string;
  readonly maxReplays?: string;
}

/** Adds the options that say which letters are meant. */
export function withLetters(command: Command): Command {
  return command
    .option('--dead-letter-topic <name>', 'the topic of the letters; that of the configuration when left out')
    .option('--state <file>', 'keep marks in this file, for who may not write to <dead-letter-topic>-marks')
    .option(
      '--max-replays <n>',
      `letters whose request was sent again so often are exhausted (default: ${MAX_REPLAYS})`,
    );
}

/**
 * The topic that was named, or that all configurations agree on.
 *
 * @throws {CommandFailure} with what to type, where there is none, or several
 */
export function deadLetterTopicOf({ deadLetterTopic }: LetterFlags, tiers: readonly TierConfig[]): string {
  if (deadLetterTopic !== undefined) {
    if (isLegalTopic(deadLetterTopic)) return deadLetterTopic;
    throw mistake(`--dead-letter-topic: a topic was expected, ${JSON.stringify(deadLetterTopic)} was found`);
  }
  const topics = new Set(tiers.flatMap(({ config }) => config.dead_letter_topic ?? []));
  const [topic] = topics;
  if (topic !== undefined && topics.size === 1) return topic;
  throw mistake(
    topics.size > 1
      ? `The configurations have several dead-letter topics, ${[...topics].join(', ')}: name one by --dead-letter-topic`
      : 'No dead-letter topic is known: name it by --dead-letter-topic, or the configuration of the processor by --config',
  );
}

/** `--max-replays`. @throws {CommandFailure} for what is no count */
export function maxReplaysOf({ maxReplays }: LetterFlags): number {
  return maxReplays === undefined ? MAX_REPLAYS : countOf(maxReplays, '--max-replays');
}

/** A count of 1 or more that was typed. @throws {CommandFailure} for anything else */
export function countOf(text: string, option: string, least = 1): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least) return count;
  throw mistake(`${option}: a number of ${least} or more was expected, ${JSON.stringify(text)} was found`);
}
