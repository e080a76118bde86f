import { createRequire } from 'node:module';
import type { Document } from 'yaml';
import { ConfigError, type Mistake } from './config-error.js';
import { isPlainMap, type PlainMap } from './plain.js';
import { readText } from './read-text.js';
import type { Path } from './schema-walk.js';

/** Where something is in the file. */
export interface Position {
  /** `proxy.yaml:7:3` */
  readonly where: string;
  readonly offset: number;
}

/** A configuration file as it was read, before the schema has seen it. */
export interface ConfigFile {
  readonly values: PlainMap;
  /** What is wrong with it as YAML. */
  readonly mistakes: readonly Mistake[];
  /** Offset of the first line that is no YAML: from there on the tree can't be trusted. */
  readonly brokenAt: number | undefined;
  /** The position of the key or list entry at a path, or of the nearest one around it. */
  locate(path: Path): Position;
}

/**
 * Reads a YAML file, or a JSON one, which is YAML too.
 *
 * @throws ConfigError when there is nothing to judge: no such file, or no map at its top
 */
export function readConfigFile(name: string): ConfigFile {
  const read = readText(name);
  if ('reason' in read) throw new ConfigError([`${name}: a configuration file was expected, ${read.reason}`]);
  const { LineCounter, parseDocument } = yaml();
  const lines = new LineCounter();
  const document = parseDocument(read.text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    logLevel: 'error',
  });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { where: `${name}:${Math.max(line, 1)}:${Math.max(col, 1)}`, offset };
  };

  const mistakes = document.errors.map(({ code, message, pos: [offset] }): Mistake => {
    const duplicate = code === 'DUPLICATE_KEY';
    const key = duplicate ? (/^["']?([^"':\s]+)/.exec(read.text.slice(offset))?.[1] ?? '') : '';
    const sentence = duplicate ? 'the key was given already, one was expected' : `YAML was expected: ${message}`;
    return { where: at(offset).where, key, sentence, order: offset };
  });
  const broken = document.errors.filter(({ code }) => code !== 'DUPLICATE_KEY').map(({ pos: [offset] }) => offset);
  // The key of a value that can't be read is on that line, before the error's own offset.
  const brokenAt = broken.length === 0 ? undefined : read.text.lastIndexOf('\n', Math.min(...broken) - 1) + 1;

  const values = toPlain(document, name, mistakes);
  return { values, mistakes, brokenAt, locate: (path) => at(offsetOf(document, path)) };
}

function toPlain(document: Document, name: string, mistakes: Mistake[]): PlainMap {
  let plain: unknown;
  try {
    plain = document.toJS();
  } catch (error) {
    // An alias of an anchor that is not there, or a bomb of aliases.
    mistakes.push({ where: name, key: '', sentence: `YAML was expected: ${(error as Error).message}`, order: 0 });
  }
  if (plain === null || plain === undefined) return {};
  if (isPlainMap(plain)) return plain;
  if (mistakes.length > 0) return {};
  const found = Array.isArray(plain) ? 'a list' : 'a single value';
  throw new ConfigError([`${name}: keys with values were expected, ${found} was found`]);
}

function offsetOf(document: Document, path: Path): number {
  const { isAlias, isMap, isScalar, isSeq } = yaml();
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      // A key that is a map or a list has no name to go by, and to make one of it may throw.
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) break;
      offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as { range?: readonly number[] | null } | undefined;
      if (item === undefined) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else {
      break;
    }
  }
  return offset;
}

const require = createRequire(import.meta.url);

/** The YAML library, loaded when it is first asked for: who is configured by variables alone starts without it. */
function yaml(): typeof import('yaml') {
  return require('yaml');
}
