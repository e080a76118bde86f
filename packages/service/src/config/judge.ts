import type { z } from 'zod';
import { explain } from './explain.js';
import type { Path } from './schema-walk.js';

/** Something the schema refuses. */
export type Verdict =
  | { readonly kind: 'unknown'; readonly path: Path }
  | { readonly kind: 'name'; readonly path: Path; readonly expected: string }
  | { readonly kind: 'value'; readonly path: Path; readonly expected: string };

/** The configuration, or everything the schema refuses in it. */
export type Judgement<T> = { readonly config: T } | { readonly verdicts: readonly Verdict[] };

/** Parses with sentences in plain words. */
export function judge<S extends z.ZodType>(schema: S, values: unknown): Judgement<z.output<S>> {
  const result = schema.safeParse(values, { error: explain });
  if (result.success) return { config: result.data };
  return { verdicts: result.error.issues.flatMap((issue) => verdicts(issue, [])) };
}

function verdicts(issue: z.core.$ZodIssue, above: Path): Verdict[] {
  const path = [...above, ...(issue.path as (string | number)[])];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ kind: 'unknown', path: [...path, key] }));
    case 'invalid_key':
      return [{ kind: 'name', path, expected: issue.issues[0]?.message ?? issue.message }];
    case 'invalid_union': {
      // A branch that took the value's kind knows better than the union what is wrong inside of it.
      const taken = issue.errors.filter((branch) => branch.length > 0 && branch.every(isInside));
      const [only] = taken;
      if (only !== undefined && taken.length === 1) return only.flatMap((inner) => verdicts(inner, path));
      return [{ kind: 'value', path, expected: issue.message }];
    }
    default:
      return [{ kind: 'value', path, expected: issue.message }];
  }
}

function isInside(issue: z.core.$ZodIssue): boolean {
  return issue.path.length > 0 || issue.code === 'unrecognized_keys';
}
