import { resolve } from 'node:path';
import { keyFacts } from '@kafka-http-proxy/protocol';
import type { z } from 'zod';
import { type EnvironmentValue, readEnvironment } from './config-environment.js';
import { AFTER_THE_FILE, ConfigError, type Mistake, mistakeLine } from './config-error.js';
import { type ConfigFile, readConfigFile } from './config-file.js';
import { describeFound } from './explain.js';
import { judge, type Verdict } from './judge.js';
import { isSecretProperty, MASK } from './mask-secrets.js';
import { isOthersKey, type OtherTier, recogniseOther } from './other-tier.js';
import { type Environment, isPlainMap, type PlainMap, valueAt } from './plain.js';
import { prepare } from './prepare.js';
import { isSecret, type Path, pathName, schemaAt } from './schema-walk.js';
import { suggestKey } from './suggest.js';

/** Where a configuration comes from. */
export interface LoadConfigOptions<S extends z.ZodType> {
  readonly schema: S;
  /** YAML or JSON file; without it CONFIG_SOURCE and CONFIG_PATH say which, as in 1.0.1. */
  readonly file?: string | undefined;
  readonly environment: Environment;
  /** The tier that the file may have been meant for. */
  readonly other?: OtherTier | undefined;
  /** Hears the name of each file before it is read: that of the configuration, and those of secrets. */
  readonly reading?: ((file: string) => void) | undefined;
}

/**
 * The configuration: environment over file over default.
 *
 * @throws ConfigError with a line for every mistake there is
 * @example
 * const config = loadConfig({ schema: proxyConfig, file: 'proxy.yaml', environment: process.env });
 */
export function loadConfig<S extends z.ZodType>(options: LoadConfigOptions<S>): z.output<S> {
  return read(options).config;
}

/** A configuration, and where it comes from. */
export interface LoadedConfig<C> {
  readonly config: C;
  /** A sentence about a key as a line that begins with who says it: `proxy.yaml:7:3 port: …`. */
  line(path: Path, sentence: string): string;
}

/** Something that is wrong with a configuration that its schema takes. */
export interface ConfigDoubt {
  readonly path: Path;
  readonly sentence: string;
}

/**
 * {@link loadConfig}, and then whatever else can tell whether it works.
 *
 * @throws ConfigError with a line for every mistake, or doubt of `judge`
 */
export async function loadJudgedConfig<S extends z.ZodType>(
  options: LoadConfigOptions<S>,
  judgeFurther: JudgeFurther<z.output<S>>,
): Promise<z.output<S>> {
  return (await loadPlacedConfig(options, judgeFurther)).config;
}

/** Asks who else can tell whether a configuration works. */
export type JudgeFurther<C> = (config: C) => Promise<readonly ConfigDoubt[]>;

/** {@link loadJudgedConfig}, with the place of each key. @throws ConfigError likewise */
export async function loadPlacedConfig<S extends z.ZodType>(
  options: LoadConfigOptions<S>,
  judgeFurther: JudgeFurther<z.output<S>>,
): Promise<LoadedConfig<z.output<S>>> {
  const { config, place } = read(options);
  const doubts = await judgeFurther(config);
  const line = (path: Path, sentence: string) => mistakeLine({ ...place(path), sentence });
  if (doubts.length === 0) return { config, line };
  const mistakes = doubts.map(({ path, sentence }): Mistake => {
    const value = valueAt(config, path);
    const hide = typeof value === 'string' && value !== '' && isSecretProperty(String(path.at(-1)));
    return { ...place(path), sentence: hide ? sentence.replaceAll(value, MASK) : sentence };
  });
  throw new ConfigError(mistakes.sort((a, b) => a.order - b.order).map(mistakeLine));
}

interface Read<T> {
  readonly config: T;
  readonly place: (path: Path) => Place;
}

function read<S extends z.ZodType>({
  schema,
  file,
  environment,
  other,
  reading,
}: LoadConfigOptions<S>): Read<z.output<S>> {
  const name = configFile({ file, environment });
  if (name !== undefined) reading?.(name);
  const source = name === undefined ? undefined : readConfigFile(name);
  const foreign = other && source && recogniseOther(schema, source.values, other);
  // Each of its keys would be a mistake, and none would say which.
  if (foreign !== undefined) throw new ConfigError([`${name}: ${foreign}`]);
  const given = readEnvironment(schema, environment, reading);
  const merged = merge(source?.values ?? {}, given.values);

  const mistakes: Mistake[] = [...(source?.mistakes ?? []), ...given.mistakes];
  const place = (path: Path): Place => placeOf(schema, source, given.values, path);
  const unreadable = (path: Path, secretFile: string, reason: string): void => {
    const sentence = `a file with the value was expected, ${JSON.stringify(secretFile)} was found: ${reason}`;
    mistakes.push({ ...place(path), sentence });
  };
  const values = prepare(schema, merged, { unreadable, reading });

  const judgement = judge(schema, values);
  if ('config' in judgement && mistakes.length === 0) return { config: judgement.config, place };
  if ('verdicts' in judgement) {
    for (const verdict of judgement.verdicts) {
      const at = place(verdict.path);
      const found = valueAt(values, verdict.path);
      if (isDoubtful(schema, verdict.path, source, at, found, given.mistakes)) continue;
      mistakes.push({ ...at, sentence: sentenceFor(schema, verdict, found, at, other) });
    }
  }
  throw new ConfigError(mistakes.sort((a, b) => a.order - b.order).map(mistakeLine));
}

/**
 * Absolute path of the file that a configuration is read from; undefined where there is none.
 *
 * @throws ConfigError when the environment names a source that there is none of
 */
export function configFile({ file, environment }: Pick<LoadConfigOptions<z.ZodType>, 'file' | 'environment'>) {
  const name = file ?? fileOfEnvironment(environment);
  return name === undefined ? undefined : resolve(name);
}

/** 1.0.1's way to name a file. */
function fileOfEnvironment(environment: Environment): string | undefined {
  const source = environment.CONFIG_SOURCE || 'env';
  if (source === 'env') return undefined;
  if (source === 'yaml' || source === 'json') return environment.CONFIG_PATH || 'config.yaml';
  throw new ConfigError([`CONFIG_SOURCE: yaml, json or env was expected, ${JSON.stringify(source)} was found`]);
}

function merge(values: PlainMap, given: readonly EnvironmentValue[]): PlainMap {
  const merged = structuredClone(values);
  for (const { path, value } of given) {
    let level = merged;
    for (const step of path.slice(0, -1).map(String)) {
      level[step] ??= {};
      const next = level[step];
      // What the file has there is no section: leave it, to be refused at its line.
      if (!isPlainMap(next)) break;
      level = next;
    }
    if (valueAt(merged, path.slice(0, -1)) === level) level[String(path.at(-1))] = value;
  }
  return merged;
}

interface Place extends Omit<Mistake, 'sentence'> {
  readonly fromFile: boolean;
  readonly hidden: boolean;
}

/** Who said what is at a path: the variable that set it, else the file, else the variable that could have. */
function placeOf(
  schema: z.ZodType,
  source: ConfigFile | undefined,
  given: readonly EnvironmentValue[],
  path: Path,
): Place {
  const key = pathName(path);
  const secret = isSecret(schema, path);
  const setter = given.findLast((value) => value.path.every((step, i) => step === path[i]));
  if (setter !== undefined) {
    const [index, ...rest] = path.slice(setter.path.length);
    const entry = typeof index === 'number' ? setter.entries?.[index] : undefined;
    const shown = entry === undefined ? key : pathName([entry, ...rest]);
    return {
      where: setter.variable,
      key: shown,
      order: AFTER_THE_FILE,
      fromFile: false,
      hidden: secret || setter.hidden,
    };
  }
  if (source !== undefined) {
    const { where, offset } = source.locate(path);
    return { where, key, order: offset, fromFile: true, hidden: secret };
  }
  const known = schemaAt(schema, path);
  const where = (known && keyFacts(known)?.env) ?? '';
  return { where, key, order: AFTER_THE_FILE, fromFile: false, hidden: secret };
}

/** True for what may only look wrong because something before it could not be read. */
function isDoubtful(
  schema: z.ZodType,
  path: Path,
  source: ConfigFile | undefined,
  at: Place,
  found: unknown,
  unread: readonly Mistake[],
): boolean {
  const known = schemaAt(schema, path);
  const variable = known && keyFacts(known)?.env;
  if (found === undefined && unread.some(({ where }) => where === variable || where === `${variable}_FILE`))
    return true;
  return source?.brokenAt !== undefined && at.fromFile && (found === undefined || at.order >= source.brokenAt);
}

function sentenceFor(
  schema: z.ZodType,
  { kind, path, ...verdict }: Verdict,
  found: unknown,
  at: Place,
  other: OtherTier | undefined,
): string {
  if (kind === 'unknown') {
    if (isOthersKey(other, path)) return `a key of the ${other?.tier}, unknown here`;
    const suggestion = suggestKey(schema, path);
    return `an unknown key${suggestion === undefined ? '' : `; did you mean "${suggestion}"?`}`;
  }
  const expected = 'expected' in verdict ? verdict.expected : '';
  if (kind === 'name') return `${expected} was expected, ${JSON.stringify(path.at(-1))} was found`;
  const words = describeFound(found, at.hidden);
  const quoted = at.fromFile && isQuotedNumber(schema, path, found);
  return quoted
    ? `${expected} was expected, the text ${words} was found: write it without quotes`
    : `${expected} was expected, ${words} was found`;
}

/** True for `"8080"` where 8080 would do. */
function isQuotedNumber(schema: z.ZodType, path: Path, found: unknown): boolean {
  if (typeof found !== 'string' || found.trim() === '' || Number.isNaN(Number(found))) return false;
  return schemaAt(schema, path)?.safeParse(Number(found)).success === true;
}
