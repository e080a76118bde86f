import {
  failureOf,
  type InboxReader,
  KafkaClientFault,
  type LinkWatch,
  TOPIC_AUTHORIZATION_FAILED,
} from '@kafka-http-proxy/kafka';
import { BridgeError } from '@kafka-http-proxy/protocol';
import type { ReplyAddresses } from '../destination.js';
import type { NamedTopics } from './named-topics.js';

/** What reply addresses are made of. */
export interface ReplyAddressesDeps {
  /** Null until response topics can be read for the first time. */
  reader(): InboxReader | null;
  readonly watch: Pick<LinkWatch, 'denied' | 'troubles'>;
  /** Response topics that the operator chose: they are always read. */
  readonly isConfigured: (topic: string) => boolean;
  readonly named: NamedTopics;
  /** Most topics that headers may bring into use. */
  readonly most: () => number;
}

/**
 * Where replies to a response topic are to be sent: the partition of it that is read here.
 *
 * @example
 * const addresses = createReplyAddresses({ reader: () => reader, watch, isConfigured, named, most: () => 1000 });
 * const address = addresses.addressOf('replies') ?? (await addresses.open('replies'));
 */
export function createReplyAddresses({ reader, watch, isConfigured, named, most }: ReplyAddressesDeps): ReplyAddresses {
  const denied = (topic: string) => watch.denied().some(({ resource, name }) => name === topic && resource === 'topic');
  return {
    // Where an ACL was taken away, no reply would be read: `open` says so.
    addressOf: (topic) => (denied(topic) ? undefined : reader()?.addressOf(topic)),
    async open(topic) {
      const reading = reader();
      if (reading === null) throw new BridgeError('kafka_unavailable', 'Kafka cannot be reached at the moment.');
      if (denied(topic)) {
        throw new BridgeError('kafka_unavailable', `Replies cannot be read from ${topic} at the moment.`, {
          cause: new KafkaClientFault(watch.troubles().join('; '), TOPIC_AUTHORIZATION_FAILED),
        });
      }
      const isOurs = isConfigured(topic);
      try {
        const address = await reading.open(topic, { silently: !isOurs });
        if (isOurs || named.opened(topic)) return address;
      } catch (cause) {
        throw unreadable(topic, cause, isOurs);
      }
      reading.release(topic);
      throw new BridgeError(
        'overloaded',
        `Replies of ${most()} other topics are waited for already (max_dynamic_topics).`,
      );
    },
    lease: (topic) => (isConfigured(topic) ? undefined : named.lease(topic)),
  };
}

/**
 * Tells a client whose reply topic cannot be opened whether that will pass by itself.
 *
 * @param configured the operator chose it, not the client
 */
function unreadable(topic: string, cause: unknown, configured: boolean): BridgeError {
  const failure = cause instanceof KafkaClientFault ? failureOf(cause.code) : 'unavailable';
  if (failure === 'unknown_topic' && !configured)
    return new BridgeError('bad_request', `Response topic ${topic} does not exist.`, { cause });
  if (failure === 'not_authorized' && !configured) {
    return new BridgeError('topic_not_allowed', `Kafka does not let this proxy use response topic ${topic}.`, {
      cause,
    });
  }
  return new BridgeError('kafka_unavailable', `Response topic ${topic} cannot be read at the moment.`, { cause });
}
