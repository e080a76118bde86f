import {
  BridgeError,
  type ContinuationEnvelope,
  type CorrelationIds,
  type EnvelopeFault,
  type Inbox,
  type ReplyEnvelope,
  type Sequence,
} from '@kafka-http-proxy/protocol';
import type { Conversations } from '../streams/conversations.js';
import type { PendingRequests } from './pending.js';

/** The way in: hands what comes from processors to whoever waits for it. */
export interface Settlement {
  /** Takes a whole reply, or the first record of one that streams. */
  settle(reply: ReplyEnvelope): void;
  /** Takes a later record of a processor's. */
  take(part: ContinuationEnvelope): void;
}

/** What comes in and is for nobody here, for metrics. */
export interface SettlementEvents {
  /** A reply of this instance that nobody waits for. */
  late(): void;
  /** A reply for another instance that shares the partition. */
  foreign(): void;
  /** A record that is no part of any reply. */
  malformedReply(fault: EnvelopeFault): void;
}

/** What a settlement is made of. */
export interface SettlementDeps {
  readonly ids: Pick<CorrelationIds, 'owns'>;
  readonly pending: Pick<PendingRequests, 'take' | 'topicOf'>;
  readonly conversations: Conversations;
  /** Takes a place for one more stream of a request topic; false when there is none. */
  readonly enter: (topic: string) => boolean;
  /** Null when replies can stream; else why they can't. */
  readonly whyNoStreams: () => string | null;
  readonly events: SettlementEvents;
}

/**
 * Settles whole replies, opens replies that stream, and passes on what comes behind them.
 *
 * @example
 * const settlement = createSettlement({ ids, pending, conversations, enter, whyNoStreams, events });
 * settlement.settle(reply);
 */
export function createSettlement(deps: SettlementDeps): Settlement {
  const { ids, pending, conversations, events, enter, whyNoStreams } = deps;

  const whole = (reply: ReplyEnvelope) => {
    const waiter = pending.take(reply.correlationId);
    if (waiter) waiter.reply(reply);
    else events.late();
  };
  /** A reply that belongs to an execution. */
  const follow = (reply: ReplyEnvelope, { seq, end, exec, inbox }: Head) => {
    const id = reply.correlationId;
    const known = conversations.of(id);
    if (known !== undefined && !known.follows(exec)) {
      events.late();
      conversations.refuse(id, exec, inbox);
      return;
    }
    if (seq === null || (end && reply.error === null)) {
      whole(reply);
      return;
    }
    // The same record again, from a reader that was recreated.
    if (known?.replying) return;
    const topic = pending.topicOf(id);
    const waiter = pending.take(id);
    if (waiter === undefined || topic === undefined) {
      events.late();
      conversations.refuse(id, exec, inbox);
      return;
    }
    const fail = (error: BridgeError) => {
      conversations.refuse(id, exec, inbox);
      waiter.fail(error, id);
    };
    if (reply.error !== null || inbox === null) {
      fail(new BridgeError(reply.error ?? 'processing_failed', BROKEN_OFF));
      return;
    }
    const unable = unableToFollow(topic);
    if (unable !== null) {
      fail(unable);
      return;
    }
    const conversation = known ?? conversations.open(id, topic, NO_UPLOAD, undefined);
    conversation.openReply(reply, { exec, inbox }, (source) => waiter.stream(reply, source));
  };
  const unableToFollow = (topic: string): BridgeError | null => {
    const why = whyNoStreams();
    if (why !== null) return new BridgeError('reply_too_large', `The reply is longer than one record, and ${why}.`);
    return enter(topic) ? null : new BridgeError('overloaded', 'Too many streams are open already.');
  };

  /** More of it can't be asked for, so it will not come: whoever waits gets an error now, not at the timeout. */
  const unreachable = (id: string, { topic: theirs }: Inbox) => {
    events.malformedReply('malformed_metadata');
    conversations.of(id)?.cancel();
    const cause = new Error(`control_topic: a processor has ${theirs}`);
    pending.take(id)?.fail(new BridgeError('processing_failed', OTHER_CONTROL, { cause }), id);
  };

  return {
    settle(reply) {
      if (!ids.owns(reply.correlationId)) {
        events.foreign();
        return;
      }
      const { sequence } = reply;
      if (sequence === null) whole(reply);
      else if (!isHead(sequence)) events.malformedReply('malformed_metadata');
      else if (conversations.isInbox(sequence.inbox)) follow(reply, sequence);
      else unreachable(reply.correlationId, sequence.inbox as Inbox);
    },
    take(part) {
      if (!ids.owns(part.correlationId)) return;
      if (!conversations.take(part)) events.malformedReply('malformed_metadata');
    },
  };
}

const OTHER_CONTROL =
  'The reply is longer than one record, and proxy and processor are not configured for the same control_topic.';

const BROKEN_OFF = 'The reply was broken off before it began.';

/** For the conversation of a reply alone: whoever waits is not pending any more. */
const NO_UPLOAD = { progressed: () => undefined, failed: () => undefined };

/** The sequence fields of a reply's first record. */
type Head = Sequence & { readonly exec: string };

/** A whole reply of an execution, or the first record of a reply that goes on. */
function isHead(sequence: Sequence): sequence is Head {
  const { seq, end, exec, inbox, credit, cancel } = sequence;
  if (exec === null || credit !== null || cancel) return false;
  return seq === null ? !end : seq === 0 && (end || inbox !== null);
}
