import {
  BridgeError,
  type ContinuationEnvelope,
  type Inbox,
  type ReplyEnvelope,
  type Sequence,
} from '@kafka-http-proxy/protocol';
import type { ExchangeDeps } from './exchange.js';

/** Hands what comes from processors to who waits for it. */
export interface Settlement {
  settle(reply: ReplyEnvelope): void;
  take(part: ContinuationEnvelope): void;
}

/** The way in of an exchange: whole replies, replies that begin to stream, and what comes behind them. */
export function createSettlement(deps: ExchangeDeps): Settlement {
  const { ids, pending, conversations, events, enter, noStreams } = deps;

  const whole = (reply: ReplyEnvelope) => {
    const waiter = pending.take(reply.correlationId);
    if (waiter) waiter.reply(reply);
    else events.late();
  };
  /** A reply that belongs to an execution. */
  const follow = (reply: ReplyEnvelope, { seq, end, exec, inbox }: Sequence) => {
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
    // The same record again, from a reader that was made anew.
    if (known?.replying) return;
    const topic = pending.topicOf(id);
    const waiter = pending.take(id);
    if (waiter === undefined || topic === undefined) {
      events.late();
      conversations.refuse(id, exec, inbox);
      return;
    }
    const unable = reply.error === null ? unableToFollow(topic) : new BridgeError(reply.error, BROKEN_OFF);
    if (unable !== null) {
      conversations.refuse(id, exec, inbox);
      waiter.fail(unable, id);
      return;
    }
    const conversation = known ?? conversations.open(id, topic, NO_UPLOAD, undefined);
    conversation.openReply(reply, (source) => waiter.stream(reply, source));
  };
  const unableToFollow = (topic: string): BridgeError | null => {
    const why = noStreams();
    if (why !== null) return new BridgeError('reply_too_large', `The reply is longer than one record, and ${why}.`);
    return enter(topic) ? null : new BridgeError('overloaded', 'Too many streams are open already.');
  };

  /** More of it can't be asked for, so it will not come: who waits is told now, not at its timeout. */
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

/** A whole reply of an execution, or the first record of a reply that goes on. */
function isHead({ seq, end, exec, inbox, credit, cancel }: Sequence): boolean {
  if (exec === null || credit !== null || cancel) return false;
  return seq === null ? !end : seq === 0 && (end || inbox !== null);
}
