import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import {
  createCorrelationIds,
  decodeInbox,
  type EnvelopeFault,
  type Inbox,
  oversized,
  type ReplyAddress,
} from '@kafka-http-proxy/protocol';
import type { Asker } from '../publish/asker.js';
import { Conversation, type ConversationDeps } from './conversation.js';
import type { RunningRequest, RunningRequests } from './running-requests.js';

/** Requests that go on in parts, and the inbox that their proxies send to. */
export interface Conversations {
  /** False while there is no inbox: bodies are one record then. */
  available(): boolean;
  /** True when there was an inbox, so that a missing one will be back: its reader is being recreated. */
  wasAvailable(): boolean;
  /** Begins a conversation about a request of `topic`; null while there is no inbox. */
  open(asker: Asker, request: RunningRequest, topic: string): Conversation | null;
  /** Takes a record of the inbox. Anybody may write there: nothing here throws. */
  take(record: KafkaRecord): void;
  readonly size: number;
  /** Resolves when no conversation is left. */
  drained(): Promise<void>;
}

export interface ConversationsOptions extends Omit<ConversationDeps, 'closed'> {
  /** This process's partition of control_topic; undefined until it is read. */
  inbox(): ReplyAddress | undefined;
  /** Told of requests that were withdrawn. */
  readonly running: Pick<RunningRequests, 'cancel'>;
  /** A record of the inbox that is no part of anything. */
  malformed(fault: EnvelopeFault): void;
  /** Largest record that is taken, bytes. */
  readonly maxRecordBytes: number;
}

/**
 * Starts with no conversation.
 *
 * @example
 * const conversations = createConversations({ inbox: link.inbox, running, malformed, maxRecordBytes, ...deps });
 * const conversation = conversations.open(asker, running.begin(asker.correlationId), 'requests');
 * conversation?.openUpload(first, null);
 */
export function createConversations({
  inbox,
  running,
  malformed,
  maxRecordBytes,
  ...common
}: ConversationsOptions): Conversations {
  const ids = createCorrelationIds();
  const open = new Map<string, Conversation>();
  let waiting: (() => void)[] = [];
  const deps: ConversationDeps = {
    ...common,
    closed(conversation) {
      open.delete(conversation.exec);
      if (open.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
  const address = (): Inbox | null => {
    const found = inbox();
    return found === undefined || found.partition === null ? null : (found as Inbox);
  };
  let had = false;
  const isThere = () => {
    had ||= address() !== null;
    return address() !== null;
  };
  return {
    available: isThere,
    wasAvailable: () => had,
    open(asker, request, topic) {
      const at = address();
      if (at === null) return null;
      const conversation = new Conversation(ids.next(), asker, topic, at, request, deps);
      open.set(conversation.exec, conversation);
      return conversation;
    },
    take(record) {
      const large = oversized(record, maxRecordBytes);
      if (large !== null) {
        malformed(large.fault);
        return;
      }
      const read = decodeInbox(record);
      if (!read.ok) {
        malformed(read.error.fault);
        return;
      }
      // A reply has no business here.
      if (read.value.kind !== 'continuation') {
        malformed('malformed_metadata');
        return;
      }
      const { part } = read.value;
      const { exec, cancel } = part.sequence;
      if (exec !== null) open.get(exec)?.take(part);
      else if (cancel) running.cancel(part.correlationId);
    },
    get size() {
      return open.size;
    },
    drained: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
