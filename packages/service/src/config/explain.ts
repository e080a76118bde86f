import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

const KINDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section of keys with values',
  record: 'names with values',
  never: 'nothing',
};

/**
 * What was expected, in plain words, for a schema that has no sentence of its own. Given to Zod as
 * the error map of a parse, it goes behind the schema's own sentences.
 */
export function explain(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected;
    case 'too_small':
      return bound(issue.origin, issue.minimum, issue.inclusive === false ? 'above' : 'least');
    case 'too_big':
      return bound(issue.origin, issue.maximum, issue.inclusive === false ? 'below' : 'most');
    case 'invalid_value':
      return choice(issue.values.map(String));
    case 'invalid_format':
      return issue.format === 'starts_with'
        ? `a text that starts with ${issue.prefix}`
        : `a text of the form ${issue.pattern ?? issue.format}`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    default:
      return 'another value';
  }
}

function bound(origin: string, limit: number | bigint, side: 'least' | 'above' | 'most' | 'below'): string {
  const some = {
    least: `${limit} or more`,
    above: `more than ${limit}`,
    most: `at most ${limit}`,
    below: `less than ${limit}`,
  };
  if (origin === 'string')
    return side === 'least' && limit === 1 ? 'a text that is not empty' : `a text of ${some[side]} characters`;
  if (origin === 'array')
    return side === 'least' && limit === 1 ? 'a list that is not empty' : `a list of ${some[side]}`;
  const kind = origin === 'int' ? 'a whole number' : 'a number';
  return {
    least: `${kind}, ${limit} or more`,
    above: `${kind} above ${limit}`,
    most: `${kind}, at most ${limit}`,
    below: `${kind} below ${limit}`,
  }[side];
}

function choice(values: readonly string[]): string {
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

const LONGEST = 80;

/** What was found, in words. Of a secret only its kind. */
export function describeFound(value: unknown, secret: boolean): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a section of keys with values';
  if (secret) return KINDS[typeof value] ?? 'something else';
  if (typeof value !== 'string') return String(value);
  const shown = withoutCredentials(value);
  return JSON.stringify(shown.length > LONGEST ? `${shown.slice(0, LONGEST)}…` : shown);
}

/** A text with the user and password of its URLs replaced. */
export function withoutCredentials(text: string): string {
  return text.replaceAll(/(?<=:\/\/)[^/?#\s]*@/g, '***@');
}
