import { type EnvironmentForm, parseKafkaTopics } from '@kafka-http-proxy/protocol';
import type { z } from 'zod';
import { AFTER_THE_FILE, type Mistake } from './config-error.js';
import { withoutCredentials } from './explain.js';
import { type Environment, isPlainMap } from './plain.js';
import { readSecret } from './read-text.js';
import { configKeys, type Path, schemaAt } from './schema-walk.js';

/** A value that a variable gave. */
export interface EnvironmentValue {
  readonly path: Path;
  readonly value: unknown;
  readonly variable: string;
  /** True when the value must not be repeated in a message: it came from a file, which may hold a secret. */
  readonly hidden: boolean;
  /** Names to say instead of `topics[0]`, by index. */
  readonly entries?: readonly string[];
}

/** What the environment says about the configuration. */
export interface EnvironmentValues {
  readonly values: readonly EnvironmentValue[];
  readonly mistakes: readonly Mistake[];
}

const PROPERTIES = ['kafka', 'properties'];
const PROPERTY_VARIABLE = /^KAFKA_PROPERTY_(.+)$/;

/** librdkafka properties that are file names themselves, and end in what `_FILE` looks like. */
const FILE_PROPERTIES = new Set([
  'sasl.oauthbearer.assertion.file',
  'sasl.oauthbearer.assertion.private.key.file',
  'sasl.oauthbearer.assertion.jwt.template.file',
]);

/**
 * Reads the variables of a schema's keys. An empty variable counts as unset.
 *
 * @param reading hears of each file that a variable names, before it is read
 */
export function readEnvironment(
  schema: z.ZodType,
  environment: Environment,
  reading?: (file: string) => void,
): EnvironmentValues {
  const set = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== undefined && text !== ''));
  const values: EnvironmentValue[] = [];
  const mistakes: Mistake[] = [];
  const wrong = (where: string, key: string, sentence: string): void => {
    mistakes.push({ where, key, sentence, order: AFTER_THE_FILE });
  };

  const textOf = (name: string, key: string): Variable | undefined => {
    const text = set[name];
    const variable = `${name}_FILE`;
    const file = set[variable];
    if (file !== undefined && text !== undefined) {
      wrong(variable, key, `one of ${name} and ${variable} was expected, both were found`);
    }
    if (text !== undefined) return { text, variable: name, hidden: false };
    if (file === undefined) return undefined;
    reading?.(file);
    const read = readSecret(file);
    if ('text' in read) return { text: read.text, variable, hidden: true };
    wrong(variable, key, `a file with the value was expected, ${JSON.stringify(file)} was found: ${read.reason}`);
    return undefined;
  };

  for (const { path, name, facts } of configKeys(schema)) {
    const found = facts.env === undefined || path.includes('[]') ? undefined : textOf(facts.env, name);
    if (found === undefined) continue;
    const { text, ...origin } = found;
    const secret = { ...origin, hidden: origin.hidden || facts.secret === true };
    if (facts.env === 'KAFKA_TOPICS') {
      const { topics, names, mistakes: unread } = parseKafkaTopics(text, set);
      for (const sentence of unread) wrong(origin.variable, '', withoutCredentials(sentence));
      if (topics.length > 0 || unread.length === 0) values.push({ ...secret, path, value: topics, entries: names });
      continue;
    }
    const read = inForm(text, facts.as ?? 'text');
    if (read === undefined) {
      wrong(
        origin.variable,
        name,
        `JSON was expected, ${secret.hidden ? 'another text' : JSON.stringify(text)} was found`,
      );
    } else if (path.join('.') === PROPERTIES.join('.') && isPlainMap(read.value)) {
      // Entry by entry: a password from the environment does not undo the TLS settings of the file.
      values.push(
        ...Object.entries(read.value).map(([property, value]) => ({ ...secret, path: [...path, property], value })),
      );
    } else {
      values.push({ ...secret, path, value: read.value });
    }
  }

  if (schemaAt(schema, PROPERTIES) !== undefined) {
    for (const variable of propertyVariables(set)) {
      const property = propertyName(variable);
      const found = textOf(variable, `kafka.properties.${property}`);
      if (found === undefined) continue;
      values.push({ path: [...PROPERTIES, property], value: found.text, variable: found.variable, hidden: true });
    }
  }
  return { values, mistakes };
}

interface Variable {
  readonly text: string;
  readonly variable: string;
  readonly hidden: boolean;
}

/** The KAFKA_PROPERTY_<NAME> that are set, each once, without the `_FILE` that says where the value is. */
function propertyVariables(set: Readonly<Record<string, unknown>>): Set<string> {
  const names = Object.keys(set).filter((name) => PROPERTY_VARIABLE.test(name));
  return new Set(
    names.map((name) =>
      FILE_PROPERTIES.has(propertyName(name)) ? name : name.replace(/(?<=^KAFKA_PROPERTY_.+)_FILE$/, ''),
    ),
  );
}

/** KAFKA_PROPERTY_SASL_PASSWORD -> sasl.password */
function propertyName(variable: string): string {
  return (PROPERTY_VARIABLE.exec(variable)?.[1] ?? '').toLowerCase().replaceAll('_', '.');
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

/** The value of a text; a text that is not of the form stays one, for the schema to take (`all`) or to refuse. */
function inForm(text: string, form: EnvironmentForm): { readonly value: unknown } | undefined {
  const trimmed = text.trim();
  switch (form) {
    case 'number':
      return { value: trimmed === '' || Number.isNaN(Number(trimmed)) ? trimmed : Number(trimmed) };
    case 'boolean':
      return { value: BOOLEANS[trimmed.toLowerCase()] ?? trimmed };
    case 'list': {
      const parts = trimmed.split(',').map((part) => part.trim());
      return { value: parts.filter((part) => part !== '') };
    }
    case 'json':
      try {
        return { value: JSON.parse(trimmed) as unknown };
      } catch {
        return undefined;
      }
    case 'text':
      return { value: text };
  }
}
