import { type RoleName, roles } from './roles.js';
import type { Answer, Question } from './worker.js';

// The process of a worker: takes up its role, then answers the calls of its parent until that is gone.

const [name, job] = process.argv.slice(2) as [RoleName, string];

process.once('disconnect', () => process.exit());
// An interrupt reaches every process of the terminal; the parent says when it is over.
process.on('SIGINT', () => undefined);

const { role } = await roles[name]();
const api = (await role(JSON.parse(job) as never)) as unknown as Record<string, (...args: unknown[]) => unknown>;

process.on('message', (message) => {
  const { id, name: method, args } = message as Question;
  Promise.resolve(api[method]?.(...args)).then(
    (result) => reply({ id, result }),
    (error: unknown) => reply({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
reply({ id: 0 });

function reply(answer: Answer): void {
  process.send?.(answer);
}
