/**
 * A flat header list as Node's `rawHeaders` has it: name, value, name, value, … Order, case and
 * repeats are those of the wire; each character is one byte (latin1).
 */
export type HeaderList = readonly string[];

/**
 * RFC 9110 §7.6.1. Trailer stays, since trailers travel; so do Proxy-Authorization and
 * Proxy-Authenticate, which are for the proxy that asked for them (§11.7): a gateway is not.
 */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade']);

/** The first value of a field, by its lower-case name; undefined when absent. */
export function headerValue(headers: HeaderList, lowerName: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) return headers[i + 1];
  }
  return undefined;
}

/** Which lengths the names of {@link HOP_BY_HOP} have, a bit each: most names are of another, and need not be looked up. */
const HOP_LENGTHS = [...HOP_BY_HOP].reduce((bits, { length }) => bits | (1 << length), 0);

/**
 * The list without hop-by-hop fields and without whatever Connection names (RFC 9110 §7.6.1).
 *
 * @param drop further lower-case names to leave out
 */
export function endToEnd(headers: HeaderList, drop?: (lowerName: string) => boolean): string[] {
  let named: Set<string> | undefined;
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    const mayBeHop = name.length < 32 && (HOP_LENGTHS & (1 << name.length)) !== 0;
    if (mayBeHop || drop !== undefined) {
      const lower = name.toLowerCase();
      if (mayBeHop && HOP_BY_HOP.has(lower)) {
        if (lower === 'connection') named = connectionOptions(value, named);
        // Trailers pass, so whether they are welcome is said to the next hop too (RFC 9110 §10.1.4).
        else if (lower === 'te' && /(?:^|,)\s*trailers\s*(?:,|$)/i.test(value)) kept.push(name, 'trailers');
        continue;
      }
      if (drop?.(lower)) continue;
    }
    kept.push(name, value);
  }
  return named === undefined ? kept : without(kept, named);
}

/** Fields that Connection may name without losing them: the message could not be routed or framed otherwise. */
const NEVER_NAMED = new Set(['host', 'content-length', 'close']);

/** Adds what a Connection line names to what others named; undefined while that is nothing. */
function connectionOptions(value: string, named: Set<string> | undefined): Set<string> | undefined {
  // By far the most of them.
  if (value === 'keep-alive' || value === 'close') return named;
  let all = named;
  for (const part of value.split(',')) {
    const option = part.trim().toLowerCase();
    // What is left of TE was made here.
    if (option === '' || HOP_BY_HOP.has(option) || NEVER_NAMED.has(option)) continue;
    all ??= new Set();
    all.add(option);
  }
  return all;
}

/** Connection may stand behind what it names. */
function without(headers: HeaderList, named: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (!named.has(name.toLowerCase())) kept.push(name, headers[i + 1] as string);
  }
  return kept;
}

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 §5.5: visible characters, obs-text, space and tab; never CR, LF or NUL. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** True for a valid HTTP token: a method or a field name. */
export function isToken(value: string): boolean {
  return TOKEN.test(value);
}

/** True for a value that can stand in a header line without ending it. */
export function isFieldValue(value: string): boolean {
  return FIELD_VALUE.test(value);
}

/** RFC 3986 §3.2.2 and §3.2.3: a name or an address, and a port; no user, and nothing that ends an authority. */
const HOST = /^(?:\[[\w.:%~-]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d{0,5})?$/;

/** True for what may stand in Host; an empty one may (RFC 9110 §7.2). */
export function isHost(value: string): boolean {
  return HOST.test(value);
}
