import type { BridgeError, ContinuationEnvelope, Inbox } from '@kafka-http-proxy/protocol';
import type { Compression } from '../destination.js';
import { Conversation, type ConversationDeps, type ConversationEvents } from './conversation.js';

import { partOf } from './parts.js';

/** What is the same for all of them. */
export type ConversationsDeps = Omit<ConversationDeps, 'closed'>;

/** Exchanges that go on beyond a record each way, by correlation id. */
export interface Conversations {
  /** @param topic the request topic */
  open(id: string, topic: string, events: ConversationEvents, compression: Compression | undefined): Conversation;
  of(id: string): Conversation | undefined;
  /** Hands a record on; false when it is none that belongs here. */
  take(part: ContinuationEnvelope): boolean;
  /** Tells an execution that nobody wants what it does. */
  refuse(id: string, exec: string | null, inbox: Inbox | null): void;
  /** Tells whichever processor has this request, or will have it, that nobody wants its reply. */
  recall(id: string): void;
  abortAll(error: BridgeError): void;
  isInbox(address: Inbox | null): boolean;
  /** For tests. */
  readonly size: number;
}

/**
 * @example
 * const conversations = createConversations({ ...deps, send, broadcast, isInbox });
 * const conversation = conversations.open(id, 'orders', events, 'zstd');
 * const upload = conversation.openUpload(sentBytes, drained);
 */
export function createConversations(deps: ConversationsDeps): Conversations {
  const open = new Map<string, Conversation>();
  const shared = { ...deps, closed: ({ id }: Conversation) => void open.delete(id) };
  const isInbox = (address: Inbox | null) => address === null || deps.isInbox(address);
  const refuse = (id: string, exec: string | null, inbox: Inbox | null) => {
    if (exec === null || inbox === null) return;
    deps.send(inbox, partOf(id, { exec, cancel: true }), undefined, () => undefined);
  };
  return {
    open(id, topic, events, compression) {
      const conversation = new Conversation(id, topic, shared, events, compression);
      open.set(id, conversation);
      return conversation;
    },
    of: (id) => open.get(id),
    take(part) {
      const { exec, inbox } = part.sequence;
      if (!isInbox(inbox)) {
        deps.claimRefused('inbox');
        return false;
      }
      const known = open.get(part.correlationId);
      if (known !== undefined) known.take(part);
      // Only a processor that still wants something names its inbox.
      else if (inbox !== null) {
        deps.claimRefused('unknown');
        refuse(part.correlationId, exec, inbox);
      }
      return true;
    },
    refuse,
    recall: (id) => deps.broadcast(partOf(id, { cancel: true })),
    abortAll(error) {
      for (const conversation of [...open.values()]) conversation.abort(error);
    },
    isInbox,
    get size() {
      return open.size;
    },
  };
}
