import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** How processes are started that may not take more memory than a container of the charts has. */
export interface Container {
  /** How the limit is kept, in a few words. */
  readonly kind: string;
  /** What one process is to be started with; each has a limit of its own. */
  enclose(): Promise<Enclosure>;
}

/** One process's limit. */
export interface Enclosure {
  /** Program and arguments that it is started through. */
  readonly launcher: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Takes the limit away; the process must have ended. */
  remove(): Promise<void>;
}

const MIB = 1024 * 1024;
/** What both charts give a pod, bytes. */
export const CONTAINER_BYTES = 512 * MIB;

/** Nothing encloses it: for what is measured and not limited. */
export const OPEN_GROUND: Enclosure = { launcher: [], env: {}, remove: async () => undefined };

/** Where a memory cgroup can be made, and the names of its files. */
interface Hierarchy {
  readonly kind: string;
  readonly root: string;
  readonly limit: string;
}

const HIERARCHIES: readonly Hierarchy[] = [
  { kind: 'a cgroup (version 1)', root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { kind: 'a cgroup (version 2)', root: '/sys/fs/cgroup', limit: 'memory.max' },
];

/**
 * The way to keep the limit on this machine: a memory cgroup where one can be made; else V8's heap as node would
 * choose it in that container, and the memory budget that it would have there. What was held is measured in both.
 */
export async function findContainer(limitBytes = CONTAINER_BYTES): Promise<Container> {
  for (const hierarchy of HIERARCHIES) {
    const trial = await makeGroup(hierarchy, limitBytes).catch(() => null);
    if (trial === null) continue;
    await rmdir(trial);
    return { kind: hierarchy.kind, enclose: async () => inGroup(await makeGroup(hierarchy, limitBytes)) };
  }
  const env = {
    NODE_OPTIONS: `--max-old-space-size=${limitBytes / 2 / MIB}`,
    MEMORY_BUDGET: String(limitBytes / 4),
  };
  return { kind: 'V8’s heap, and RSS measured', enclose: async () => ({ ...OPEN_GROUND, env }) };
}

let made = 0;

async function makeGroup({ root, limit }: Hierarchy, bytes: number): Promise<string> {
  // Version 2 has the limits of a group's children only where it was told so.
  const controllers = join(root, 'cgroup.subtree_control');
  if (await readFile(controllers, 'utf8').catch(() => null)) await writeFile(controllers, '+memory');
  const dir = join(root, `khp-strangers-${process.pid}-${made++}`);
  await mkdir(dir);
  try {
    await writeFile(join(dir, limit), String(bytes), { flag: 'r+' });
  } catch (error) {
    await rmdir(dir);
    throw error;
  }
  return dir;
}

function inGroup(dir: string): Enclosure {
  return {
    launcher: ['/bin/sh', '-c', 'echo $$ > "$0" && exec "$@"', join(dir, 'cgroup.procs')],
    env: {},
    async remove() {
      // The kernel needs a moment to see that its last process is gone.
      for (let tries = 0; tries < 50; tries++) {
        const removed = await rmdir(dir).then(
          () => true,
          () => false,
        );
        if (removed) return;
        await pause(20);
      }
    },
  };
}
