import type { BridgeError, ContinuationEnvelope, Inbox } from '@kafka-http-proxy/protocol';
import type { Clock, MemoryBudget, PeerWatch } from '@kafka-http-proxy/streams';
import type { Compression } from '../ingress/routing.js';
import { Conversation, type ConversationEvents } from './conversation.js';
import { partOf } from './parts.js';

/** Seen from the client: what it sends is an upload, what it gets a reply. */
export type StreamDirection = 'upload' | 'reply';

/**
 * Why a claim was refused. `inbox`: it names a topic that is no control topic. `unknown`: there is no such exchange,
 * or not any more; who can't know its id is told the same. `second`: another execution was first.
 */
export type ClaimRefusal = 'inbox' | 'unknown' | 'second';

/** What all conversations of this process have in common. */
export interface ConversationsDeps {
  /** Writes a record to a processor's inbox; those of one inbox and compression keep their order. */
  send(
    to: Inbox,
    part: ContinuationEnvelope,
    compression: Compression | undefined,
    settled: (error: Error | null) => void,
  ): void;
  /** Writes a record to every inbox there is. */
  broadcast(part: ContinuationEnvelope): void;
  /** True for an address that can be an inbox: records name it, and anybody may write those. */
  isInbox(address: Inbox): boolean;
  readonly watch: PeerWatch;
  readonly budget: MemoryBudget;
  readonly clock: Clock;
  /** How long a processor may be silent, ms. */
  readonly idleMs: number;
  /** Most bytes of body in a record. */
  readonly recordBytes: number;
  readonly flushMs: number;
  /** Streams that began (1) or ended (-1). */
  opened(direction: StreamDirection, change: 1 | -1): void;
  /** Somebody asked for the rest of a request's body, or named himself as who makes its reply, and is not to have it. */
  claimRefused(reason: ClaimRefusal): void;
  /** Bytes of bodies that came or went in streams. */
  moved(direction: StreamDirection, bytes: number): void;
}

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
  readonly size: number;
}

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
