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
  end(correlationId: string, execution: Execution): void;
  /** Nobody waits for this request; it may not have been taken up yet. */
  cancel(correlationId: string): void;
}

/** Withdrawn requests that are remembered until they are taken up; the oldest are forgotten. */
const MAX_REMEMBERED = 10_000;

export function createExecutions(): Executions {
  const running = new Map<string, Execution | Set<Execution>>();
  const withdrawn = new Set<string>();
  return {
    begin(correlationId) {
      const execution = createExecution(withdrawn.delete(correlationId) ? 'client_gone' : null);
      const others = running.get(correlationId);
      // Nearly always it is alone.
      if (others === undefined) running.set(correlationId, execution);
      else running.set(correlationId, new Set([...each(others), execution]));
      return execution;
    },
    end(correlationId, execution) {
      const all = running.get(correlationId);
      if (all instanceof Set && all.delete(execution) && all.size > 0) return;
      if (all instanceof Set ? all.size === 0 : all === execution) running.delete(correlationId);
    },
    cancel(correlationId) {
      const found = running.get(correlationId);
      if (found !== undefined) {
        for (const execution of each(found)) execution.cancel('client_gone');
        return;
      }
      withdrawn.add(correlationId);
      if (withdrawn.size > MAX_REMEMBERED) withdrawn.delete(withdrawn.values().next().value as string);
    },
  };
}

function each(executions: Execution | Set<Execution>): Execution[] {
  return executions instanceof Set ? [...executions] : [executions];
}

export function createExecution(cancelled: CancelReason | null = null): Execution {
  return new RunningExecution(cancelled);
}

class RunningExecution implements Execution {
  #cancelled: CancelReason | null;
  #tasks: Set<() => void> | null = null;

  constructor(cancelled: CancelReason | null) {
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
    this.#tasks ??= new Set();
    this.#tasks.add(task);
    return () => this.#tasks?.delete(task);
  }

  cancel(reason: CancelReason): void {
    if (this.#cancelled !== null) return;
    this.#cancelled = reason;
    const tasks = this.#tasks;
    this.#tasks = null;
    for (const task of tasks ?? []) task();
  }
}
