import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { DeploymentTools } from '../../tools.js';

/** What the commands of the guide have "made" so far. It is kept in a file, KHP_GUIDE_STATE. */
export interface World {
  readonly tools: DeploymentTools;
  /** Notes that an object exists. Namespaces are in none: null. */
  add(namespace: string | null | undefined, kind: string, name: string): void;
  has(namespace: string | null | undefined, kind: string, name: string): boolean;
  /** Ports that answer on localhost from now on. */
  open(...ports: readonly number[]): void;
  closePorts(): void;
  /** As it is now in the file: another command may run in the background. */
  isOpen(port: number): boolean;
  /** Runs a check whose outcome depends on nothing but `subject`; not again for one that passed. */
  once(subject: unknown, check: () => Promise<void>): Promise<void>;
  save(): void;
}

interface State {
  /** As namespace/Kind/name. */
  objects: string[];
  ports: number[];
  /** Hashes of what was found to be right. */
  right: string[];
}

/** Reads what the commands before have made. @throws Error where the check of the guide has not set its variables */
export function createWorld(env: NodeJS.ProcessEnv = process.env): World {
  const { KHP_GUIDE_STATE: file, KHP_DEPLOYMENT_TOOLS: tools } = env;
  if (!file || !tools) throw new Error('this runs as a part of test:deployment only');
  const read = () =>
    existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as State) : { objects: [], ports: [], right: [] };
  const state = read();
  const key = (namespace: string | null | undefined, kind: string, name: string) =>
    `${namespace ?? ''}/${kind}/${name}`;
  return {
    tools: JSON.parse(tools) as DeploymentTools,
    add: (...object) => void state.objects.push(key(...object)),
    has: (...object) => state.objects.includes(key(...object)),
    open: (...ports) => void state.ports.push(...ports),
    closePorts: () => {
      state.ports = [];
    },
    isOpen: (port) => read().ports.includes(port),
    async once(subject, check) {
      const hash = createHash('sha256').update(JSON.stringify(subject)).digest('hex');
      if (state.right.includes(hash)) return;
      await check();
      state.right.push(hash);
    },
    save() {
      // By a rename: one that runs in the background reads the whole state before or after, never half of it.
      const fresh = `${file}.${process.pid}`;
      writeFileSync(fresh, JSON.stringify(state));
      renameSync(fresh, file);
    },
  };
}

/** @throws Error with the mistakes, if there are any */
export function refuse(mistakes: readonly string[]): void {
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'));
}
