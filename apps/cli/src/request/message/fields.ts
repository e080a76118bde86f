import { headerValue, isToken } from '@kafka-http-proxy/protocol';
import { mistake } from '../../operator/exit.js';
import { wireText } from './target.js';

/** Fields of a request, beside those that `-H` gives. */
export interface OwnFields {
  readonly host: string;
  readonly userAgent: string;
  /** Bytes of its body; null: it has none. */
  readonly length: number | null;
}

/** What curl takes a body for that `-d` gives. */
const FORM = 'application/x-www-form-urlencoded';
/** What is sent says how long it is. */
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding']);

/**
 * The header list of a request, in curl's order, a character each byte: `Name: value` gives a field or replaces one of
 * curl's own, `Name:` takes one of these away, and `Name;` gives a field without a value.
 *
 * @throws CommandFailure about a line that is no field
 */
export function fieldsOf(typed: readonly string[], { host, userAgent, length }: OwnFields): string[] {
  const given: string[] = [];
  const taken = new Set<string>();
  for (const line of typed) {
    const [, name = '', sign, value = ''] = /^([^:;]*)([:;])\s*(.*)$/s.exec(wireText(line)) ?? [];
    const isField = isToken(name) && !/[\0\r\n]/.test(value) && !(sign === ';' && value !== '');
    if (!isField) throw mistake(`-H: "Name: value" was expected, ${JSON.stringify(line)} was found`);
    const lower = name.toLowerCase();
    if (FRAMING.has(lower)) throw mistake(`-H: ${name} is that of the body, which is known here: leave it out`);
    taken.add(lower);
    if (value !== '' || sign === ';') given.push(name, value.trimEnd());
  }
  const named = headerValue(given, 'host');
  const own = (name: string, value: string) => (taken.has(name.toLowerCase()) ? [] : [name, value]);
  return [
    ...(named === undefined ? own('Host', host) : ['Host', named]),
    ...own('User-Agent', userAgent),
    ...own('Accept', '*/*'),
    ...given.filter((_, i) => given[i - (i % 2)]?.toLowerCase() !== 'host'),
    ...(length === null ? [] : ['Content-Length', String(length), ...own('Content-Type', FORM)]),
  ];
}
