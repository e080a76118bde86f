import { isRepeatable, isSafe, queuedBytes } from '@kafka-http-proxy/protocol';
import type { Attempt } from '../attempts/attempt.js';
import type { CallResult } from '../attempts/attempts.js';
import type { Pass } from '../attempts/breaker.js';
import { eitherSent } from '../attempts/sent.js';
import type { Topic } from '../attempts/topic.js';
import type { Verdict } from '../attempts/verdict.js';
import type { Release, Work, WorkEnd } from '../dispatch/work.js';
import type { Assignment } from '../partitions/assignment.js';
import { answered, type Failed, failed, type Outcome, type Tried } from '../publish/outcome.js';
import { beginProcess, endProcess } from '../spans/process-span.js';
import { exemplarOf, onwardRequest, type ProcessorTracing, sampledOf, type TracedRun } from '../spans/traced-run.js';
import type { Conversation } from '../streams/conversation.js';
import type { Conversations } from '../streams/conversations.js';
import type { RunningRequests } from '../streams/running-requests.js';
import { RequestRun, type TakenRequest } from './run.js';
import { NO_ROOM_FOR_UPLOAD, nameConversation, noRoomToReply, openUpload, startReply } from './streaming.js';
import { type TellTools, tell } from './tell.js';

/** One that expired longer ago than this has nobody waiting, however much the clocks differ, ms. */
const SKEW_ALLOWANCE_MS = 30_000;

/** What all requests are carried out with. */
export interface WorkTools extends TellTools {
  /** By their names; a reload puts others in. */
  readonly topics: ReadonlyMap<string, Topic>;
  readonly running: RunningRequests;
  readonly conversations: Conversations;
  /** Null, or left out: tracing is off. */
  readonly spans?: ProcessorTracing | null | undefined;
}

/** The way of one request: the backend, then the publisher; whatever happens, nothing is thrown. */
export class RequestWork implements Work {
  readonly correlationId: string;
  readonly key: string | null;
  readonly bytes: number;
  readonly owner: Assignment;
  readonly deadlineMs: number;
  /** At the backend as trials, after which it had to wait on. */
  #trials: Tried = { attempts: 0, sent: 'no' };
  #traced: TracedRun | null = null;

  constructor(
    private taken: TakenRequest,
    private readonly tools: WorkTools,
  ) {
    const { record, topic, request } = taken;
    this.owner = taken.assignment;
    this.deadlineMs = taken.deadlineMs;
    this.correlationId = taken.correlationId;
    this.bytes = queuedBytes(record.value, record.headers, request.headers.length / 2);
    this.key = topic.config.ordering === 'key' ? (record.key?.toString('latin1') ?? null) : null;
  }

  get repeatable(): boolean {
    const { request } = this.taken;
    return !request.more && isRepeatable(request);
  }

  /** @param pass what the gate of its lane gave, which is the topic's breaker */
  async run(release: Release, pass: Pass | null): Promise<WorkEnd> {
    this.#bind();
    const { taken, tools } = this;
    const takenMs = tools.clock.now();
    const traced = this.#trace();
    if (this.#trials.attempts === 0) {
      taken.topic.metrics.taken(takenMs - taken.record.timestampMs, exemplarOf(traced));
    }
    if (takenMs >= this.deadlineMs) {
      this.#happened('expired');
      await tell({ taken, takenMs, asker: taken.asker, traced }, this.#expired(takenMs), 0, release, tools);
      return 'done';
    }
    const { topic } = taken;
    topic.enter();
    const running = tools.running.begin(taken.correlationId);
    const run = new RequestRun(taken, takenMs, running, release, pass, traced);
    try {
      if (taken.request.more && running.cancelled === null) openUpload(run, tools.conversations);
      // It takes as long as its client does; it is one of max_streams.
      if (run.conversation !== null) release('slot');
      let result: CallResult;
      try {
        result = await this.#call(run);
      } catch (cause) {
        result = unprocessable(cause);
      }
      run.backendMs = result.backendMs;
      const attempts = this.#trials.attempts + result.attempts;
      const tried = { attempts, sent: eitherSent(this.#trials.sent, result.sent) };
      if (result.verdict.kind === 'held') {
        run.conversation?.close();
        this.#trials = tried;
        this.#happened('held');
        return 'again';
      }
      await this.#conclude(run, result.verdict, tried);
      return 'done';
    } finally {
      // A reply that goes on has its conversation to be withdrawn by.
      tools.running.end(running);
      topic.leave();
    }
  }

  /** One that was held is somebody else's now. */
  dropped(): void {
    this.#givenUp();
  }

  /** Decides about its trace at its first turn; null where tracing is off. */
  #trace(): TracedRun | null {
    const { spans } = this.tools;
    if (spans == null) return null;
    const { record, request, assignment } = this.taken;
    const redelivered = assignment.mayHaveRun(record.timestampMs);
    this.#traced ??= beginProcess(spans, { record, request, redelivered });
    return this.#traced;
  }

  #happened(name: string): void {
    const sampled = sampledOf(this.#traced);
    sampled?.process.happened(name, sampled.tracing.now());
  }

  /** What waited goes where its topic leads now; one that was removed leads where it did. */
  #bind(): void {
    const topic = this.tools.topics.get(this.taken.record.topic);
    if (topic !== undefined && topic !== this.taken.topic) this.taken = { ...this.taken, topic };
  }

  /** Says what came of it. Not async: it would be one more promise for each request. */
  #conclude(run: RequestRun, verdict: Whole | Streamed, tried: Tried): Promise<void> | null {
    if (verdict.kind === 'stream') return this.#streamed(run, verdict.answer, tried.attempts);
    const outcome = this.#outcomeOf(verdict, tried, run);
    const { conversation } = run;
    if (conversation !== null) return this.#concludeUpload(run, conversation, outcome);
    // Whoever has the partition next carries it out again.
    if (outcome === null) {
      this.#givenUp();
      return null;
    }
    return tell(run, outcome, run.backendMs, run.release, this.tools);
  }

  #givenUp(): void {
    const sampled = sampledOf(this.#traced);
    const { record, topic, correlationId } = this.taken;
    const group = topic.config.consumer_group;
    if (sampled !== null) endProcess(sampled, { record, correlationId, group, error: 'processor_lost' });
  }

  async #concludeUpload(run: RequestRun, conversation: Conversation, outcome: Outcome | null): Promise<void> {
    if (outcome === null) this.#givenUp();
    else {
      nameConversation(run, conversation);
      await tell(run, outcome, run.backendMs, run.release, this.tools);
    }
    conversation.close();
  }

  /** Goes to the backend, unless there is a reason not to. */
  #call(run: RequestRun): Promise<CallResult> | CallResult {
    const { request, topic, deadlineMs } = this.taken;
    const streams = run.asker.version === 2 && this.tools.conversations.available();
    const upload = run.conversation?.upload ?? null;
    if (run.running.cancelled !== null) return CANCELLED;
    if (request.more && upload === null) return NO_ROOM_FOR_UPLOAD;
    const { traced, pass } = run;
    const sent = onwardRequest(request, traced);
    const sampled = sampledOf(traced);
    return topic.call({ request: sent, upload, deadlineMs, cancellation: run, streams, pass, sampled });
  }

  /** The answer has begun, and goes out as it comes. */
  async #streamed(run: RequestRun, answer: Attempt & { kind: 'stream' }, attempts: number): Promise<void> {
    const stream = startReply(run, answer, this.tools.conversations);
    if (stream === null) {
      await tell(run, noRoomToReply(attempts), run.backendMs, run.release, this.tools);
      return;
    }
    await tell(run, { kind: 'stream', stream, attempts }, run.backendMs, () => run.release('slot'), this.tools);
    // Of one key the next begins when this one has ended.
    if (this.key !== null) await stream.ended;
  }

  #outcomeOf(verdict: Whole, tried: Tried, run: RequestRun): Outcome | null {
    switch (verdict.kind) {
      case 'abandoned':
        // The next owner can't have the rest of an upload.
        if (run.conversation === null) return null;
        return failed('processor_lost', 'The processor stopped before the request was done.', 'stopping', tried);
      case 'cancelled':
        return this.#withdrawn(tried, run);
      case 'answer':
        return answered(verdict.answer, tried.attempts);
      case 'failed': {
        const failure = failed(verdict.code, verdict.detail, verdict.cause, tried);
        // Nothing whole was accepted.
        return verdict.code === 'request_timeout' ? { ...failure, noDeadLetter: true } : failure;
      }
    }
  }

  /** Nobody is answered. A dead letter is written only of a request that was there as a whole and changes something. */
  #withdrawn(tried: Tried, { running, conversation }: RequestRun): Failed {
    const { topic, request, truncated } = this.taken;
    topic.metrics.cancelled();
    if (running.cancelled === 'processor_lost') {
      const detail = 'The processor that took the request up was lost, and the rest of its body with it.';
      // What the other one did with it nobody knows.
      const either: Tried = { ...tried, sent: eitherSent(tried.sent, 'maybe') };
      return { ...failed('processor_lost', detail, 'another one took it up', either), noReply: true };
    }
    const partial = truncated && conversation?.upload?.complete !== true;
    return {
      ...failed('client_gone', 'The client went away before the answer.', 'withdrawn', tried),
      noReply: true,
      noDeadLetter: partial || isSafe(request.method),
    };
  }

  #expired(nowMs: number): Failed {
    this.taken.topic.metrics.expired();
    const agoMs = nowMs - this.deadlineMs;
    const detail = 'The deadline of the request passed before it was taken up.';
    const cause = `expired ${Math.round(agoMs)} ms ago`;
    return { ...failed('timeout', detail, cause, this.#trials), noReply: agoMs >= SKEW_ALLOWANCE_MS };
  }
}

type Streamed = Verdict & { kind: 'stream' };
/** What came of a request that does not go on. */
type Whole = Exclude<Verdict, { kind: 'stream' | 'held' }>;

function unprocessable(cause: unknown): CallResult {
  const detail = 'The request could not be processed.';
  const verdict = { kind: 'failed', code: 'processing_failed', detail, cause, healthy: true } as const;
  return { verdict, attempts: 1, sent: 'maybe', backendMs: 0 };
}

const CANCELLED: CallResult = { verdict: { kind: 'cancelled' }, attempts: 0, sent: 'no', backendMs: 0 };
