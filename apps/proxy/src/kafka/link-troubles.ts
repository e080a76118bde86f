import type { InboxReader, LinkWatch, RecordProducer, TopicKeeper } from '@kafka-http-proxy/kafka';
import type { LinkTopics } from './link-topics.js';

/** What tells why requests can't be taken. */
interface TroubleSources {
  readonly live: LinkTopics;
  /** Response topics that were not read yet. */
  readonly missing: ReadonlySet<string>;
  readonly producer: Pick<RecordProducer, 'available'> | null;
  readonly reader: Pick<InboxReader, 'healthy' | 'addressOf'> | null;
  readonly watch: Pick<LinkWatch, 'unreachable' | 'troubles'>;
  readonly keeper: Pick<TopicKeeper, 'troubles'>;
  /** What the start tries again and again. */
  readonly waitingFor: string | null;
  readonly isOpen: boolean;
}

/** Why requests can't be taken: a sentence each; empty when they can. */
export function linkTroubles(sources: TroubleSources): string[] {
  const { live, missing, producer, reader, watch, keeper, waitingFor, isOpen } = sources;
  if (!producer?.available()) return [watch.unreachable()];
  const denials = watch.troubles();
  const gone = keeper.troubles();
  const isRecreated = reader !== null && !reader.healthy();
  const found = [...denials, ...(isRecreated ? ['the reader of the response topics is being made anew'] : []), ...gone];
  if (missing.size > 0 && denials.length === 0 && gone.length === 0)
    found.push(waitingFor ?? `replies are not read yet from: ${[...missing].join(', ')}`);
  const unread = [...live.responses].filter((topic) => reader?.addressOf(topic) === undefined);
  if (missing.size === 0 && gone.length === 0 && unread.length > 0)
    found.push(`replies are not read at the moment from: ${unread.join(', ')}`);
  if (found.length === 0 && !isOpen) found.push(`control_topic ${live.config.control_topic} was not tried yet`);
  return found;
}
