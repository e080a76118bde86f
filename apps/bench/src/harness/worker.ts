import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, RoleApi, RoleName } from './roles.js';

/** A role in a process of its own: what is measured shares no event loop with what measures. */
export interface Worker<R extends RoleName> {
  readonly pid: number;
  call<K extends keyof RoleApi<R> & string>(
    name: K,
    ...args: Parameters<Method<RoleApi<R>[K]>>
  ): Promise<Awaited<ReturnType<Method<RoleApi<R>[K]>>>>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

type Method<T> = T extends (...args: infer A) => infer Result ? (...args: A) => Result : never;

/** From the worker; the first one, without an id, says that it is there. */
export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly args: unknown[];
}

const MAIN = fileURLToPath(new URL('./worker-main.js', import.meta.url));

/** @throws {Error} when the process ends before it is ready */
export async function startWorker<R extends RoleName>(role: R, job: Job<R>): Promise<Worker<R>> {
  const child = fork(MAIN, [role, JSON.stringify(job)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let asked = 0;

  child.on('message', (message) => {
    const { id, result, error } = message as Answer;
    const asker = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asker?.resolve(result);
    else asker?.reject(new Error(`${role}: ${error}`));
  });
  child.once('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`${role} ended with ${code ?? signal}`));
    waiting.clear();
  });
  const answer = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
    });

  await answer(0);
  return {
    pid: child.pid ?? -1,
    async call(name, ...args) {
      const id = ++asked;
      const answered = answer(id);
      const question: Question = { id, name, args };
      child.send(question);
      return (await answered) as never;
    },
    async stop(signal = 'SIGKILL') {
      // Nothing in it is worth a farewell, and a Kafka client takes its time.
      child.kill(signal);
      await ended;
    },
  };
}
