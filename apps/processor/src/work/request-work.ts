import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import { headerValue, queuedBytes, type RequestEnvelope, STATUS_OF_CODE, shownId } from '@kafka-http-proxy/protocol';
import type { Clock, MemoryBudget } from '@kafka-http-proxy/streams';
import type { Execution as Call, Verdict } from '../attempts/attempts.js';
import type { Pass } from '../attempts/breaker.js';
import type { Topic } from '../attempts/topic.js';
import { isRepeatable } from '../backend/backend-request.js';
import type { Release, Work, WorkEnd } from '../dispatch/work.js';
import type { Assignment } from '../partitions/assignment.js';
import type { OffsetEntry } from '../partitions/offset-tracker.js';
import { answered, type Failed, failed, type Job, type Outcome } from '../publish/outcome.js';
import type { Publish } from '../publish/publisher.js';
import type { Asker } from '../publish/reply.js';
import { isSafe } from '../retry/retry-policy.js';
import type { Session } from '../streams/conversation.js';
import type { Sessions } from '../streams/conversations.js';
import { streamReply } from '../streams/reply-stream.js';
import type { Execution, Executions } from '../streams/running-requests.js';
import { publishHandled } from './handled.js';

/** One that expired longer ago than this has nobody waiting, however much the clocks differ, ms. */
export const SKEW_ALLOWANCE_MS = 30_000;

/** What all works are done with. */
export interface WorkTools {
  readonly clock: Clock;
  readonly publish: Publish;
  readonly executions: Executions;
  readonly sessions: Sessions;
  /** What answers hold until Kafka has them is counted there. */
  readonly budget: MemoryBudget;
}

/** One record, as far as it was read. */
export interface TakenRecord {
  readonly record: KafkaRecord;
  readonly topic: Topic;
  readonly assignment: Assignment;
  readonly entry: OffsetEntry;
  readonly correlationId: string | null;
  readonly asker: Asker | null;
  readonly deadlineMs: number;
  /** Null where `failure` says why it is not to be sent. */
  readonly request: RequestEnvelope | null;
  readonly failure: Failed | null;
  /** True when the record does not hold the whole request. */
  readonly truncated: boolean;
}

/** The way of one record: the backend, then the publisher; whatever happens, nothing is thrown. */
export class RequestWork implements Work {
  readonly correlationId: string | null;
  readonly key: string | null;
  readonly bytes: number;
  readonly owner: Assignment;
  readonly deadlineMs: number;
  readonly #taken: TakenRecord;
  readonly #tools: WorkTools;
  /** Attempts at the backend as trials, after which it had to wait on. */
  #trials = 0;

  constructor(taken: TakenRecord, tools: WorkTools) {
    const { record, topic } = taken;
    this.#taken = taken;
    this.#tools = tools;
    this.owner = taken.assignment;
    this.deadlineMs = taken.deadlineMs;
    this.correlationId = taken.correlationId;
    this.bytes = queuedBytes(record.value, record.headers, (taken.request?.headers.length ?? 0) / 2);
    this.key = topic.config.ordering === 'key' ? (record.key?.toString('latin1') ?? null) : null;
  }

  get repeatable(): boolean {
    const { request } = this.#taken;
    return request !== null && !request.more && isRepeatable(request);
  }

  async run(release: Release, pass: Pass | null): Promise<WorkEnd> {
    const { record, topic, request, asker, failure } = this.#taken;
    const takenMs = this.#tools.clock.now();
    if (this.#trials === 0) topic.metrics.taken(takenMs - record.timestampMs);
    const trouble = failure ?? (takenMs >= this.deadlineMs ? this.#expire(takenMs) : null);
    if (trouble !== null) {
      await this.#tell(takenMs, asker, trouble, 0, release);
      return 'done';
    }
    const known = request as RequestEnvelope;
    const { executions } = this.#tools;
    const execution = executions.begin(known.correlationId);
    let session: Session | null = null;
    try {
      session = known.more && execution.cancelled === null ? this.#begin(known, asker as Asker, execution) : null;
      // It takes as long as its client does; it is one of max_streams.
      if (session !== null) release('slot');
      return await this.#carryOut(known, session, execution, takenMs, release, pass);
    } finally {
      // A reply that goes on has its session to be withdrawn by.
      executions.end(execution);
    }
  }

  async #carryOut(
    request: RequestEnvelope,
    session: Session | null,
    execution: Execution,
    takenMs: number,
    release: Release,
    pass: Pass | null,
  ): Promise<WorkEnd> {
    const { sessions } = this.#tools;
    const asker = this.#taken.asker as Asker;
    const streams = asker.version === 2 && sessions.available();
    const { verdict, backendMs, ...call } = await this.#call(request, session, execution, streams, pass);
    const attempts = this.#trials + call.attempts;
    if (verdict.kind === 'held') {
      session?.close();
      this.#trials = attempts;
      return 'again';
    }
    if (verdict.kind === 'stream') {
      const { head, body } = verdict.answer;
      const own = session ?? sessions.open(asker, execution, this.#taken.record.topic);
      if (own?.enter()) {
        const { topic } = this.#taken;
        own.compression = topic.compressionOf(head.headers);
        const stream = streamReply(own, head, body, { cut: (reason, cause) => this.#cut(reason, cause) });
        await this.#tell(takenMs, asker, { kind: 'stream', stream, attempts }, backendMs, () => release('slot'));
        // Of one key the next begins when this one has ended.
        if (this.key !== null) await stream.ended;
        return 'done';
      }
      body.abort();
      own?.close();
      await this.#tell(takenMs, asker, failed('overloaded', TOO_MANY, 'max_streams', attempts), backendMs, release);
      return 'done';
    }
    const outcome = this.#outcomeOf(verdict, attempts, session, execution);
    // Null: it is done anew by whoever has the partition next.
    if (outcome !== null) {
      const told = session === null ? asker : { ...asker, exec: session.exec };
      await this.#tell(takenMs, told, outcome, backendMs, release);
    }
    session?.close();
    return 'done';
  }

  /** Says what came of it. The slot is given back before: the backend has done its part. */
  async #tell(
    takenMs: number,
    asker: Asker | null,
    outcome: Outcome,
    backendMs: number,
    release: Release,
  ): Promise<void> {
    const { record, topic, assignment, entry, correlationId, deadlineMs, truncated } = this.#taken;
    release();
    publishHandled(() => ({
      correlationId: shownId(correlationId ?? ''),
      queueMs: Math.max(takenMs - record.timestampMs, 0),
      backendMs,
      attempts: outcome.attempts,
      status: statusOf(outcome),
    }));
    const job: Job = { record, topic, assignment, entry, asker, correlationId, deadlineMs, truncated, takenMs };
    const held = outcome.kind === 'answer' ? (outcome.body?.length ?? 0) : 0;
    const { budget } = this.#tools;
    budget.force('reply', held);
    await this.#tools.publish(job, outcome);
    budget.release('reply', held);
  }

  /** Asks for the rest of the body. */
  #begin({ body, headers }: RequestEnvelope, asker: Asker, execution: Execution): Session | null {
    const session = this.#tools.sessions.open(asker, execution, this.#taken.record.topic);
    const announced = headerValue(headers, 'content-length');
    const length = announced !== undefined && /^\d+$/.test(announced) ? Number(announced) : null;
    if (session?.openUpload(body ?? Buffer.alloc(0), length)) return session;
    session?.close();
    return null;
  }

  #expire(nowMs: number): Failed {
    const { topic, deadlineMs } = this.#taken;
    topic.metrics.expired();
    const agoMs = nowMs - deadlineMs;
    const detail = 'The deadline of the request passed before it was taken up.';
    const cause = `expired ${Math.round(agoMs)} ms ago`;
    return { ...failed('timeout', detail, cause, this.#trials), silent: agoMs >= SKEW_ALLOWANCE_MS };
  }

  async #call(
    request: RequestEnvelope,
    session: Session | null,
    execution: Execution,
    streams: boolean,
    pass: Pass | null,
  ): Promise<Call> {
    const { topic, deadlineMs, assignment } = this.#taken;
    const upload = session?.upload ?? null;
    if (execution.cancelled !== null) return CANCELLED;
    if (request.more && upload === null) return NO_ROOM;
    const cancellation = {
      onRevoke: (task: () => void) => assignment.onRevoke(task),
      onCancel: (task: () => void) => execution.onCancel(task),
    };
    try {
      return await topic.call({ request, upload, deadlineMs, cancellation, streams, pass });
    } catch (cause) {
      const detail = 'The request could not be processed.';
      const verdict = { kind: 'failed', code: 'processing_failed', detail, cause, healthy: true } as const;
      return { verdict, attempts: 1, backendMs: 0 };
    }
  }

  #outcomeOf(
    verdict: Exclude<Verdict, { kind: 'stream' | 'held' }>,
    attempts: number,
    session: Session | null,
    execution: Execution,
  ): Outcome | null {
    switch (verdict.kind) {
      case 'abandoned':
        // The next owner can't have the rest of an upload.
        if (session === null) return null;
        return failed('processor_lost', 'The processor stopped before the request was done.', 'stopping', attempts);
      case 'cancelled':
        return this.#withdrawn(attempts, session, execution);
      case 'answer':
        return answered(verdict.answer, attempts);
      case 'failed': {
        const failure = failed(verdict.code, verdict.detail, verdict.cause, attempts);
        // Nothing whole was accepted.
        return verdict.code === 'request_timeout' ? { ...failure, unburied: true } : failure;
      }
    }
  }

  /** Nobody is told; what may have been meant to happen is kept: a request that was accepted whole, and changes something. */
  #withdrawn(attempts: number, session: Session | null, execution: Execution): Failed {
    const { topic, request } = this.#taken;
    topic.metrics.cancelled();
    if (execution.cancelled === 'processor_lost') {
      const detail = 'The processor that took the request up was lost, and the rest of its body with it.';
      return { ...failed('processor_lost', detail, 'another one took it up', attempts), silent: true };
    }
    const partial = this.#taken.truncated && session?.upload?.complete !== true;
    return {
      ...failed('client_gone', 'The client went away before the answer.', 'withdrawn', attempts),
      silent: true,
      unburied: partial || isSafe(request?.method ?? ''),
    };
  }

  #cut(code: Failed['code'], cause: unknown): void {
    const { topic, correlationId } = this.#taken;
    topic.metrics.streamCut(code);
    topic.onCut(correlationId && shownId(correlationId), code, cause);
  }
}

const TOO_MANY = 'The reply needs a stream, and the processor has too many (max_streams, memory_budget).';

const CANCELLED: Call = { verdict: { kind: 'cancelled' }, attempts: 0, backendMs: 0 };
const NO_ROOM: Call = {
  verdict: {
    kind: 'failed',
    code: 'overloaded',
    detail: 'The request needs a stream, and the processor has too many (max_streams, memory_budget).',
    cause: 'max_streams',
    healthy: true,
  },
  attempts: 0,
  backendMs: 0,
};

function statusOf(outcome: Outcome): number {
  if (outcome.kind === 'answer') return outcome.head.status;
  return outcome.kind === 'stream' ? outcome.stream.head.status : STATUS_OF_CODE[outcome.code];
}
