import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { secureGet } from '../http/secure-get.js';

/** One of the deployables, started as its image starts it. */
export interface ServiceProcess {
  /** HTTP port of a proxy; undefined for a processor. */
  readonly port: number | undefined;
  readonly managementPort: number;
  readonly child: ChildProcess;
  /** Each line of its log so far, parsed. */
  readonly log: ReadonlyArray<Record<string, unknown>>;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
  /** Resolves when /ready answers 200. @throws when the process ends before */
  ready(): Promise<void>;
  /** The value of a metric (summed over its series), 0 where it has none. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
}

export interface ServiceOptions {
  /** Environment of the process, beside PATH: nothing of the test's own leaks in. */
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Where its management server will be, when its log does not tell. */
  readonly managementPort?: number;
  /** Another binary of this repository that runs the tier. */
  readonly binary?: string;
  /** Program and first arguments that node is run through, which it takes the place of: to set limits. */
  readonly launcher?: readonly string[];
  /** PEM file of who issued its certificate, where its management port speaks TLS. */
  readonly ca?: string | undefined;
  /** File that its log goes to, unread, for who needs `managementPort` only; else it is parsed. */
  readonly logFile?: string;
}

const ROOT = new URL('../../../../', import.meta.url);
const BINARIES = { proxy: 'apps/proxy/bin/kafka-proxy.js', processor: 'apps/processor/bin/kafka-processor.js' };

/** Those that run. None outlives this process, however it ends. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Path of a file of this repository. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(path, ROOT));
}

/** Starts a tier as a process of its own and resolves when it listens. */
export async function startService(tier: 'proxy' | 'processor', options: ServiceOptions): Promise<ServiceProcess> {
  const file = options.logFile === undefined ? null : openSync(options.logFile, 'a');
  const [program = process.execPath, ...before] = [...(options.launcher ?? []), process.execPath];
  const child = spawn(program, [...before, repositoryPath(options.binary ?? BINARIES[tier]), ...(options.args ?? [])], {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', ...options.env },
    stdio: ['ignore', file ?? 'pipe', 'pipe'],
  });
  if (file !== null) closeSync(file);
  children.add(child);
  child.once('exit', () => children.delete(child));
  const log: Record<string, unknown>[] = [];
  const errors: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const said = () => `${errors.join('')}${log.map((line) => JSON.stringify(line)).join('\n')}`;
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? String(signal)));
  });
  const told = new Promise<Record<string, unknown>>((resolve) => {
    if (child.stdout === null) return;
    createInterface(child.stdout).on('line', (line) => {
      const entry = parse(line);
      log.push(entry);
      if (typeof entry.managementPort === 'number') resolve(entry);
    });
  });
  const ask = asker(options.ca);
  const listening =
    options.managementPort === undefined
      ? told
      : answers(
          () => ask(options.managementPort as number, '/health'),
          options.managementPort,
          () => child.exitCode !== null,
        );
  const first = await Promise.race([listening, exited]);
  if (typeof first !== 'object') {
    throw new Error(`${tier} ended with ${first} before it listened:\n${said()}`);
  }
  const managementPort = first.managementPort as number;
  return {
    port: first.port as number | undefined,
    managementPort,
    child,
    log,
    exited,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
    async ready() {
      while (child.exitCode === null) {
        const response = await ask(managementPort, '/ready').catch((error: Error) => error);
        if (response instanceof Error) {
          // A process that is ended by a signal resets its connections first.
          const how = await Promise.race([exited, setTimeout(1000, null)]);
          if (how === null) throw response;
          throw new Error(`${tier} ended with ${how} before it was ready:\n${said()}`, { cause: response });
        }
        if (response.status === 200) return;
      }
      throw new Error(`${tier} ended with ${await exited} before it was ready:\n${said()}`);
    },
    async metric(name, labels = {}) {
      return sumSeries((await ask(managementPort, '/metrics')).text, name, labels);
    },
  };
}

type Ask = (port: number, path: string) => Promise<{ readonly status: number; readonly text: string }>;

/** Asks a management port. */
function asker(ca: string | undefined): Ask {
  if (ca === undefined) {
    return async (port, path) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, text: await response.text() };
    };
  }
  return (port, path) => secureGet(`https://127.0.0.1:${port}${path}`, { ca: readFileSync(ca) });
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { text: line };
  }
}

/** Resolves when something answers on a port of this machine. */
async function answers(
  ask: () => Promise<unknown>,
  managementPort: number,
  given: () => boolean,
): Promise<{ port?: number; managementPort: number }> {
  while (!given()) {
    try {
      await ask();
      break;
    } catch {
      await setTimeout(20);
    }
  }
  return { managementPort };
}

/** Sums the series of a metric in Prometheus' text format that have all of `labels`. */
export function sumSeries(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(name)) continue;
    const next = line[name.length];
    if (next !== ' ' && next !== '{') continue;
    if (Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`))) {
      sum += Number(line.slice(line.lastIndexOf(' ') + 1));
    }
  }
  return sum;
}
