import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../machine/paths.js';
import { run } from '../../machine/run.js';
import { parseYaml } from '../../machine/yaml.js';
import type { Tier } from '../../tiers.js';

/** Variables of a compose file; an empty one is as good as none. */
export type Given = Readonly<Record<string, string | undefined>>;

/** What compose's own loader makes of files, as far as the checks read it. */
export interface Model {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
  readonly configs?: Readonly<Record<string, { readonly content: string }>>;
}

export interface Service {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly build?: { readonly context: string; readonly dockerfile: string; readonly target?: string };
  readonly volumes?: readonly { readonly type: string; readonly source: string; readonly target: string }[];
  readonly secrets?: readonly { readonly source: string }[];
  readonly ports?: readonly { readonly published: string }[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly deploy?: { readonly resources?: { readonly limits?: { memory?: string; cpus?: string; pids?: number } } };
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly read_only?: boolean;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly stop_grace_period?: string;
  readonly profiles?: readonly string[];
  readonly networks?: Readonly<Record<string, unknown>>;
}

/** The file with its variables filled in, as `docker compose config` does. @throws where one is missing */
export function interpolated(path: string, given: Given): unknown {
  return fill(parseYaml(readFileSync(path, 'utf8')), given);
}

function fill(value: unknown, given: Given): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(item, given));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, given)]));
  }
  if (typeof value !== 'string') return value;
  return value.replace(
    /\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (text, name: string, operator: string | undefined, rest: string | undefined) => {
      if (text === '$$') return '$';
      const found = given[name];
      if (found) return found;
      if (operator === '-') return rest ?? '';
      throw new Error(`${name} is missing: ${rest ?? 'no default'}`);
    },
  );
}

/** The model that compose's own loader makes of one file, and of those that go over it. @param compose its path */
export async function loadCompose(compose: string, paths: readonly string[], given: Given): Promise<Model> {
  const dir = mkdtempSync(join(tmpdir(), 'khp-compose-'));
  try {
    const files = paths.map((path, i) => {
      const file = join(dir, `${i}.yaml`);
      writeFileSync(file, JSON.stringify(interpolated(path, given)));
      return file;
    });
    // Paths are relative to docker/; the variables are filled in already.
    const flags = ['-no-interpolation', '-no-path-resolution', '-format', 'json'];
    const model = JSON.parse(await run(compose, [...flags, ...files], { cwd: join(ROOT, 'docker') })) as Model;
    const services = Object.entries(model.services).map(([name, service]) => [
      name,
      { ...service, environment: asMap(service.environment) },
    ]);
    return { ...model, services: Object.fromEntries(services) };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Of files that go over each other the loader makes lists of NAME=value. */
function asMap(environment: Readonly<Record<string, string>> | readonly string[] = {}): Record<string, string> {
  const entries = isList(environment) ? environment.map((item) => item.split(/=(.*)/s)) : Object.entries(environment);
  return Object.fromEntries(entries.map(([name = '', value = '']) => [name, value]));
}

function isList(value: object): value is readonly string[] {
  return Array.isArray(value);
}

/** The tier that a service runs; undefined for one that is not ours. */
export function tierOf({ image }: Service): Tier | undefined {
  return /^kafka-http-proxy\/(proxy|processor):/.exec(image)?.[1] as Tier | undefined;
}
