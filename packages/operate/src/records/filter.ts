import picomatch from 'picomatch';
import { hasId } from './has-id.js';
import type { RecordView } from './record-view.js';

/** What is looked for; what is left out matches anything. */
export interface FilterOptions {
  /** An id as {@link hasId} has it. */
  readonly id?: string | undefined;
  /** Any case. */
  readonly method?: readonly string[] | undefined;
  /** Glob over the path, without the query; `/orders/**` takes what is below too. */
  readonly path?: string | undefined;
  /** `502`, or `5xx`. */
  readonly status?: readonly string[] | undefined;
  /** Codes of docs/errors.md. */
  readonly code?: readonly string[] | undefined;
  /** Address of the client. */
  readonly client?: string | undefined;
  /** The record's key as UTF-8 text: glob. */
  readonly key?: string | undefined;
  /** `Name: glob` of an HTTP field, one of which has to match for each. */
  readonly header?: readonly string[] | undefined;
  /** Of a letter, the request topic that it came from: glob. */
  readonly topic?: string | undefined;
}

/** True for a record that is looked for. */
export type Filter = (view: RecordView) => boolean;

/** What was asked for can't be looked for. The message is a sentence for whoever typed it. */
export class FilterMistake extends Error {
  override readonly name = 'FilterMistake';
}

const matcher = (glob: string) => picomatch(glob, { dot: true, nocase: false });

/**
 * Makes a filter. No body is touched by it.
 *
 * @throws {FilterMistake} for a status or a header that can't be one
 * @example
 * const filter = createFilter({ method: ['post'], status: ['5xx'] });
 * views.filter(filter);
 */
export function createFilter(options: FilterOptions): Filter {
  const tests: Filter[] = [];
  const { id, method, path, status, code, client, key, header, topic } = options;
  if (id !== undefined) tests.push((view) => hasId(view, id));
  if (method?.length) {
    const wanted = new Set(method.map((name) => name.toUpperCase()));
    tests.push((view) => view.method !== null && wanted.has(view.method.toUpperCase()));
  }
  if (path !== undefined) {
    const matches = matcher(path);
    tests.push(({ target }) => target !== null && matches(target.split('?', 1)[0] as string));
  }
  if (status?.length || code?.length) tests.push(createOutcomeFilter({ status, code }));
  if (client !== undefined) tests.push((view) => view.client === client);
  if (key !== undefined) {
    const matches = matcher(key);
    tests.push(({ record }) => record.key !== null && matches(record.key.toString('utf8')));
  }
  for (const wanted of header ?? []) tests.push(headerTest(wanted));
  if (topic !== undefined) {
    const matches = matcher(topic);
    tests.push(({ letter, record }) => matches(letter?.error?.topic ?? record.topic));
  }
  return (view) => tests.every((test) => test(view));
}

/**
 * The part of a filter that looks at how something ended: a reply, or a request with its reply.
 *
 * @throws {FilterMistake} for a status that can't be one
 */
export function createOutcomeFilter({
  status,
  code,
}: Pick<FilterOptions, 'status' | 'code'>): (outcome: Pick<RecordView, 'status' | 'code'>) => boolean {
  const statuses = status?.map(statusTest) ?? [];
  const codes = new Set(code);
  return (outcome) =>
    (statuses.length === 0 || (outcome.status !== null && statuses.some((test) => test(outcome.status as number)))) &&
    (codes.size === 0 || (outcome.code !== null && codes.has(outcome.code)));
}

function statusTest(text: string): (status: number) => boolean {
  const found = /^([1-9])xx$/i.exec(text);
  if (found) return (status) => Math.floor(status / 100) === Number(found[1]);
  if (/^[1-9]\d\d$/.test(text)) return (status) => status === Number(text);
  throw new FilterMistake(`--status: a status such as 502, or 5xx, was expected, ${JSON.stringify(text)} was found`);
}

function headerTest(text: string): Filter {
  const [, name, glob] = /^([^:]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || glob === undefined) {
    throw new FilterMistake(`--header: 'Name: glob' was expected, ${JSON.stringify(text)} was found`);
  }
  const lower = name.trim().toLowerCase();
  // A value has slashes that are no folders.
  const matches = picomatch(glob, { dot: true, bash: true });
  return ({ headers }) =>
    headers.some((value, i) => i % 2 === 1 && (headers[i - 1] as string).toLowerCase() === lower && matches(value));
}
