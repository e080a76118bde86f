import type { ErrorCode } from '@kafka-http-proxy/protocol';

/** Why nobody wants the answer to a request any more. */
export type CancelReason = Extract<ErrorCode, 'client_gone' | 'processor_lost'>;

/** A request that is being carried out, as far as others may end it. */
export interface RunningRequest {
  /** Null while somebody wants the answer. */
  readonly cancelled: CancelReason | null;
  /** Calls back when nobody wants it any more, at once when that has been; the returned function takes it back. */
  onCancel(task: () => void): () => void;
  /** Nobody wants the answer any more. The first call counts. */
  cancel(reason: CancelReason): void;
}

/** What is being carried out, by correlation id: for proxies that withdraw what they asked for. */
export interface RunningRequests {
  /** Work on a request begins; pair it with {@link end}. It may have been withdrawn before. */
  begin(correlationId: string): RunningRequest;
  end(request: RunningRequest): void;
  /** Nobody waits for this request; it may not have been taken up yet. */
  cancel(correlationId: string): void;
  /** True for a request that was withdrawn and has not been taken up since. */
  isWithdrawn(correlationId: string): boolean;
}

/** Withdrawn requests that are remembered until they are taken up; the oldest are forgotten. */
const MAX_REMEMBERED = 10_000;

/**
 * Starts to keep account of the requests that run.
 *
 * @param onWithdrawn some were withdrawn that do not run: they may wait in a queue. Called once a turn
 * @example
 * const running = createRunningRequests((isWithdrawn) => dispatcher.withdraw(isWithdrawn));
 * const request = running.begin(correlationId);
 * request.onCancel(() => call.abort());
 * running.end(request);
 */
export function createRunningRequests(
  onWithdrawn: (isWithdrawn: (correlationId: string) => boolean) => void = () => undefined,
): RunningRequests {
  // A list, which is searched for the few that are withdrawn: of a Map that changes with each request V8 keeps old
  // tables, and with them requests that are done, until the next major garbage collection.
  const running: Running[] = [];
  const withdrawn = new Set<string>();
  let planned = false;
  const isWithdrawn = (correlationId: string) => withdrawn.size > 0 && withdrawn.has(correlationId);
  /** Many may be withdrawn in one turn, when a client of many requests goes. */
  const plan = () => {
    if (planned) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      onWithdrawn(isWithdrawn);
    });
  };
  return {
    begin(correlationId) {
      // Kept until it is among the oldest: a record may come twice.
      const request = new Running(isWithdrawn(correlationId) ? 'client_gone' : null, correlationId, running.length);
      running.push(request);
      return request;
    },
    end(request) {
      const { index } = request as Running;
      if (running[index] !== request) return;
      const last = running.pop() as Running;
      if (last === request) return;
      running[index] = last;
      last.index = index;
    },
    cancel(correlationId) {
      const found = running.filter((request) => request.correlationId === correlationId);
      for (const request of found) request.cancel('client_gone');
      if (found.length > 0) return;
      withdrawn.add(correlationId);
      if (withdrawn.size > MAX_REMEMBERED) withdrawn.delete(withdrawn.values().next().value as string);
      plan();
    },
    isWithdrawn,
  };
}

class Running implements RunningRequest {
  #cancelled: CancelReason | null;
  /** Few: an array costs less than a set. */
  #tasks: (() => void)[] = [];

  constructor(
    cancelled: CancelReason | null,
    readonly correlationId: string,
    /** Its place in the list. */
    public index: number,
  ) {
    this.#cancelled = cancelled;
  }

  get cancelled(): CancelReason | null {
    return this.#cancelled;
  }

  onCancel(task: () => void): () => void {
    if (this.#cancelled !== null) {
      task();
      return () => {};
    }
    this.#tasks.push(task);
    return () => {
      const at = this.#tasks.lastIndexOf(task);
      if (at >= 0) this.#tasks.splice(at, 1);
    };
  }

  cancel(reason: CancelReason): void {
    if (this.#cancelled !== null) return;
    this.#cancelled = reason;
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) task();
  }
}
