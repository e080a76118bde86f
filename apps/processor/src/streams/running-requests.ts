import type { ErrorCode } from '@kafka-http-proxy/protocol';

/** Why nobody wants the answer to a request any more. */
export type CancelReason = Extract<ErrorCode, 'client_gone' | 'processor_lost'>;

/** A request that is being carried out, as far as others may end it. */
export interface Execution {
  /** Null while somebody wants the answer. */
  readonly cancelled: CancelReason | null;
  /** Calls back when nobody wants it any more, at once when that has been; the returned function takes it back. */
  onCancel(task: () => void): () => void;
  cancel(reason: CancelReason): void;
}

/** What is being carried out, by correlation id: for proxies that withdraw what they asked for. */
export interface Executions {
  /** Work on a request begins; pair it with {@link end}. It may have been withdrawn before. */
  begin(correlationId: string): Execution;
  end(execution: Execution): void;
  /** Nobody waits for this request; it may not have been taken up yet. */
  cancel(correlationId: string): void;
  /** True for a request that was withdrawn and has not been taken up since. */
  isWithdrawn(correlationId: string): boolean;
}

/** Withdrawn requests that are remembered until they are taken up; the oldest are forgotten. */
const MAX_REMEMBERED = 10_000;

/** @param tell some were withdrawn that are not being carried out: they may wait in a queue; told once a turn */
export function createExecutions(tell: () => void = () => undefined): Executions {
  // A list, which is searched for the few that are withdrawn: of a Map that changes with each request V8 keeps old
  // tables, and with them requests that are done, until the next major garbage collection.
  const running: RunningExecution[] = [];
  const withdrawn = new Set<string>();
  let planned = false;
  /** Many may be withdrawn in one turn, when a client of many requests goes. */
  const plan = () => {
    if (planned) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      tell();
    });
  };
  return {
    begin(correlationId) {
      // Kept until it is among the oldest: a record may come twice.
      const known = withdrawn.size > 0 && withdrawn.has(correlationId);
      const execution = new RunningExecution(known ? 'client_gone' : null, correlationId, running.length);
      running.push(execution);
      return execution;
    },
    end(execution) {
      const { index } = execution as RunningExecution;
      if (running[index] !== execution) return;
      const last = running.pop() as RunningExecution;
      if (last === execution) return;
      running[index] = last;
      last.index = index;
    },
    cancel(correlationId) {
      const found = running.filter((execution) => execution.correlationId === correlationId);
      for (const execution of found) execution.cancel('client_gone');
      if (found.length > 0) return;
      withdrawn.add(correlationId);
      if (withdrawn.size > MAX_REMEMBERED) withdrawn.delete(withdrawn.values().next().value as string);
      plan();
    },
    isWithdrawn: (correlationId) => withdrawn.size > 0 && withdrawn.has(correlationId),
  };
}

class RunningExecution implements Execution {
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
