import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SOURCES } from '../machine/paths.js';
import type { DeploymentTools } from './tools.js';

/** Judges documents by JSON schemas; each answer is a list of mistakes, empty where there is none. */
export interface Validator {
  /** Versions of Kubernetes that there are schemas of, the oldest first. */
  kubernetesVersions(): Promise<string[]>;
  /** By the schema that this version of Kubernetes has of the document's kind. */
  kubernetes(version: string, document: unknown): Promise<string[]>;
  /** By the schema in a file. */
  schema(file: string, document: unknown): Promise<string[]>;
  close(): void;
}

/** Starts validate.py, which answers a line for a line. */
export function createValidator({ python }: Pick<DeploymentTools, 'python'>): Validator {
  const child = spawn('python3', [`${SOURCES}deploy/validate.py`], {
    env: { ...process.env, PYTHONPATH: python },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting: { resolve(answer: string[]): void; reject(error: Error): void }[] = [];
  const fail = (error: Error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  createInterface(child.stdout).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line) as string[]));
  child.once('error', fail);
  child.once('exit', (code) => fail(new Error(`validate.py ended with ${code}`)));
  const ask = (request: object): Promise<string[]> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  return {
    kubernetesVersions: () => ask({ versions: true }),
    kubernetes: (version, document) => ask({ kubernetes: version, document }),
    schema: (schema, document) => ask({ schema, document }),
    close: () => void child.stdin.end(),
  };
}
