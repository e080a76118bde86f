import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryPath } from '@kafka-http-proxy/testkit';

/** A shell with Kafka's tools and our command in it, as an operator has one. */
export interface Shell {
  /** Runs a line to its end. @returns the variables of the shell that it has set. @throws {Error} with what it said */
  run(line: string, variables?: Readonly<Record<string, string>>): Promise<Record<string, string>>;
  /** Starts a line that goes on. */
  start(line: string): ChildProcess;
}

const TOOLS = {
  'kafka-acls': 'org.apache.kafka.tools.AclCommand',
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
};
/** They live for seconds. */
const JAVA = 'java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto';

/**
 * @param dir where the tools are written to, and lines are run in
 * @param classPath Kafka's jars, of 4.0 or later
 */
export async function createShell(dir: string, classPath: string): Promise<Shell> {
  const bin = join(dir, 'bin');
  await mkdir(bin);
  const scripts = {
    ...Object.fromEntries(Object.entries(TOOLS).map(([name, main]) => [name, `${JAVA} -cp '${classPath}' ${main}`])),
    'kafka-http-proxy': `"${process.execPath}" "${repositoryPath('apps/cli/bin/kafka-http-proxy.js')}"`,
  };
  for (const [name, command] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\nexec ${command} "$@"\n`);
    await chmod(join(bin, name), 0o755);
  }
  const environment = { PATH: `${bin}${delimiter}${process.env.PATH}`, HOME: dir };
  return {
    async run(line, variables = {}) {
      const env = { ...environment, ...variables };
      const shown = await promisify(execFile)('sh', ['-ec', `${line}\nprintf '\\n\\0'; env -0`], { cwd: dir, env });
      const after = shown.stdout.slice(shown.stdout.indexOf('\n\0') + 2);
      const pairs = after.split('\0').map((pair) => pair.split(/=(.*)/s) as [string, string]);
      return Object.fromEntries(pairs.filter(([name]) => /^(?:KAFKA|CONTROL|DEAD|DEFAULT)_/.test(name)));
    },
    start: (line) => spawn('sh', ['-c', `exec ${line}`], { cwd: dir, env: environment, stdio: 'ignore' }),
  };
}

/** Ends what {@link Shell.start} has started. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
