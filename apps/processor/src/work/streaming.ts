import { announcedLength, shownId } from '@kafka-http-proxy/protocol';
import type { Attempt } from '../attempts/attempt.js';
import type { CallResult } from '../attempts/attempts.js';
import { type Failed, failed, type ReplyStream } from '../publish/outcome.js';
import { logFacts, sampledOf } from '../spans/traced-run.js';
import type { Conversation } from '../streams/conversation.js';
import type { Conversations } from '../streams/conversations.js';
import { streamReply } from '../streams/reply-stream.js';
import type { RequestRun } from './run.js';

/* The steps of a request that goes on in parts: its body, its reply. */

/** Asks for the rest of the body. Without room for that the run stays without a conversation. */
export function openUpload(run: RequestRun, conversations: Conversations): void {
  const { request, record } = run.taken;
  const conversation = conversations.open(run.asker, run.running, record.topic);
  if (conversation?.openUpload(request.body ?? NOTHING, announcedLength(request.headers)))
    run.conversation = conversation;
  else conversation?.close();
}

/** Sends an answer on as it comes; null, and the backend is stopped, when there is no room for one more stream. */
export function startReply(
  run: RequestRun,
  { head, body }: Attempt & { kind: 'stream' },
  conversations: Conversations,
): ReplyStream | null {
  const { taken } = run;
  const conversation = run.conversation ?? conversations.open(run.asker, run.running, taken.record.topic);
  if (!conversation?.enter()) {
    body.abort();
    conversation?.close();
    return null;
  }
  conversation.compression = taken.topic.compressionOf(head.headers);
  const sampled = sampledOf(run.traced);
  return streamReply(conversation, head, body, { cut: (code, cause) => cut(run, code, cause) }, sampled);
}

/** The outcome of an answer that can't go out in parts. */
export function noRoomToReply(attempts: number): Failed {
  return failed('overloaded', `The reply ${TOO_MANY}`, 'max_streams', { attempts, sent: 'yes' });
}

/** A reply that names the conversation of its request, though it is whole. */
export function nameConversation(run: RequestRun, { exec }: Conversation): void {
  run.asker = { ...run.asker, exec };
}

function cut({ taken: { topic, correlationId }, traced }: RequestRun, code: Failed['code'], cause: unknown): void {
  topic.metrics.streamCut(code);
  if (traced != null) traced.failure = code;
  topic.onCut(shownId(correlationId), code, cause, logFacts(traced));
}

const NOTHING = Buffer.alloc(0);

const TOO_MANY = 'needs a stream, and the processor has too many (max_streams, memory_budget).';

/** What came of a request whose body goes on, where there was no room for its rest. */
export const NO_ROOM_FOR_UPLOAD: CallResult = {
  verdict: {
    kind: 'failed',
    code: 'overloaded',
    detail: `The request ${TOO_MANY}`,
    cause: 'max_streams',
    healthy: true,
  },
  attempts: 0,
  sent: 'no',
  backendMs: 0,
};
