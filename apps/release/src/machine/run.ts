// What the checks share: the report, the tools that scripts/deploy/check has installed, YAML.
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const require = createRequire(new URL('../../packages/service/package.json', import.meta.url));
const { parse, parseAllDocuments } = require('yaml');

/** One document; `<<` merges. */
export const parseYaml = (text) => parse(text, { merge: true });

/** The documents of a stream, empty ones left out. @throws at the first mistake */
export function parseYamlStream(text) {
  return parseAllDocuments(text, { merge: true }).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    const value = document.toJS();
    return value === null ? [] : [value];
  });
}

/** Counts checks and prints a line for each. */
export function createReport() {
  let passed = 0;
  let failed = 0;
  return {
    /** A check that passes when it returns no mistakes and does not throw. */
    async check(name, run) {
      let mistakes;
      try {
        mistakes = (await run()) ?? [];
      } catch (error) {
        mistakes = [error.message];
      }
      if (mistakes.length === 0) {
        passed++;
        console.log(`ok      ${name}`);
      } else {
        failed++;
        console.log(`FAILED  ${name}${mistakes.map((line) => `\n          ${String(line).trim()}`).join('')}`);
      }
    },
    /** Prints the last line; true when nothing failed. */
    end() {
      console.log(`\n${passed} passed, ${failed} failed`);
      return failed === 0;
    },
  };
}

/** The value of a variable that scripts/deploy/check sets. */
export function tool(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run scripts/deploy/check`);
  return value;
}

/** Runs a program to its end: its output, or an Error with what it said. */
export function run(command, args, { env, cwd, input } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command.split('/').at(-1)} ${args.join(' ')}: ${(stderr || stdout).trim()}`);
  return stdout;
}

/** validate.py, for as long as the checks run. */
export function createValidator() {
  const child = spawn(tool('KHP_PYTHON'), [fileURLToPath(new URL('validate.py', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = [];
  createInterface(child.stdout).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  child.once('exit', (code) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`validate.py ended with ${code}`));
  });
  const ask = (request) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  return {
    kubernetesVersions: () => ask({ versions: true }),
    kubernetes: (version, document) => ask({ kubernetes: version, document }),
    schema: (schema, document) => ask({ schema, document }),
    close: () => child.stdin.end(),
  };
}

const BINARIES = { proxy: 'node_modules/.bin/kafka-proxy', processor: 'node_modules/.bin/kafka-processor' };

/** `--check --json` of a tier: the configuration it would use. @throws Error with its sentences */
export function checkConfiguration(tier, env, args = []) {
  return JSON.parse(run(BINARIES[tier], [...args, '--check', '--json'], { env }));
}

/** True for a variable that a tier reads. */
export async function knownVariables(tier) {
  const { environmentTable } = await import(new URL('../../packages/service/dist/index.js', import.meta.url).href);
  const { processorConfig, proxyConfig } = await import(
    new URL('../../packages/protocol/dist/index.js', import.meta.url).href
  );
  const names = new Set(environmentTable(tier === 'proxy' ? proxyConfig : processorConfig).map(({ env }) => env));
  return (variable) => {
    const name = variable.replace(/_FILE$/, '');
    return (
      names.has(name) ||
      name.startsWith('KAFKA_PROPERTY_') ||
      (tier === 'processor' && name.startsWith('CONSUMER_GROUP_')) ||
      ['CONFIG_SOURCE', 'CONFIG_PATH'].includes(variable)
    );
  };
}
