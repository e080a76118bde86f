import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { QUICK_JAVA } from './jars.js';

/** Versions before 3.0 have KRaft without producer ids, which idempotent producers need (KIP-730): they run on ZooKeeper. */
export function needsZooKeeper(version: string): boolean {
  return Number(version.split('.')[0]) < 3;
}

const READY_MS = 30_000;

/**
 * Starts the ZooKeeper that comes with an old Kafka's jars; resolves when it takes connections.
 *
 * @throws {Error} when it does not in time
 */
export async function startZooKeeper(classPath: string, dir: string, port: number): Promise<ChildProcess> {
  const file = join(dir, 'zookeeper.properties');
  const lines = [`dataDir=${join(dir, 'zookeeper')}`, `clientPort=${port}`, 'admin.enableServer=false'];
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
  const child = spawn('java', ['-Xmx256m', ...QUICK_JAVA, '-cp', classPath, main, file], { cwd: dir, stdio: 'ignore' });
  child.once('error', () => undefined);
  for (const endAt = Date.now() + READY_MS; !(await takesConnections(port)); await delay(50)) {
    if (Date.now() > endAt) {
      child.kill('SIGKILL');
      throw new Error(`ZooKeeper did not listen on port ${port} in ${READY_MS} ms`);
    }
  }
  return child;
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
