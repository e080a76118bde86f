import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../machine/cached.js';

/**
 * Arguments of a Java that lives for minutes: no second compiler, no threads of a larger collector. Measured on a broker
 * from its start until 2 s after it listens: 2.6 s of CPU instead of 4.7 s.
 */
export const QUICK_JAVA: readonly string[] = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/**
 * The directory with Kafka's jars, fetched from Maven's repository on first use and kept in the
 * user's cache.
 *
 * @throws {Error} that says what to install, or what Maven said
 */
export function kafkaJars(version: string): Promise<string> {
  return cached(`kafka-${version}`, async (draft) => {
    await writeFile(join(draft, 'pom.xml'), pom(version));
    const args = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=libs'];
    await say(`fetching Kafka ${version} with Maven`, run('mvn', args, draft));
    return join(draft, 'libs');
  });
}

/** What to install for each program that is run. */
const NEEDED: Readonly<Record<string, string>> = {
  java: 'Java 17 or later is needed to run Kafka (Debian: apt-get install openjdk-17-jre-headless)',
  mvn: 'Maven is needed to fetch Kafka (Debian: apt-get install maven)',
  openssl: 'openssl is needed to make certificates (Debian: apt-get install openssl)',
};

/** @throws {Error} when a program that starts Kafka is missing: one sentence that says what to install */
export function missingProgram(program: string, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOENT') return error;
  const needed = NEEDED[program] ?? `${program} is needed`;
  return new Error(`${needed}; or set KAFKA_BOOTSTRAP_SERVERS to a broker that runs.`);
}

/** Runs a program to its end. @throws {Error} with what it wrote, when it fails */
export function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => reject(missingProgram(program, error)));
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`));
    });
  });
}

/** Says on a terminal what takes more than a second. */
export async function say<T>(doing: string, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => {
    if (process.stderr.isTTY) process.stderr.write(`${doing} …\n`);
  }, 1000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

function pom(version: string): string {
  const dependency = (group: string, artifact: string, of: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${of}</version></dependency>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kafka-http-proxy</groupId><artifactId>test-broker</artifactId><version>1</version>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', version)}
    ${dependency('org.apache.kafka', 'kafka-tools', version)}
    ${dependency('org.slf4j', 'slf4j-nop', '1.7.36')}
  </dependencies>
</project>
`;
}
