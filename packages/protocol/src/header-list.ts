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

/**
 * The list without hop-by-hop fields and without whatever Connection names (RFC 9110 §7.6.1).
 *
 * @param drop further lower-case names to leave out
 */
export function endToEnd(headers: HeaderList, drop?: (lowerName: string) => boolean): string[] {
  const named = connectionOptions(headers);
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const lower = name.toLowerCase();
    // Trailers pass, so whether they are welcome is said to the next hop too (RFC 9110 §10.1.4).
    if (lower === 'te' && /(?:^|,)\s*trailers\s*(?:,|$)/i.test(headers[i + 1] as string)) kept.push(name, 'trailers');
    if (HOP_BY_HOP.has(lower) || named?.has(lower) || drop?.(lower)) continue;
    kept.push(name, headers[i + 1] as string);
  }
  return kept;
}

/** Fields that Connection may name without losing them: the message could not be routed or framed otherwise. */
const NEVER_NAMED = new Set(['host', 'content-length', 'close']);

function connectionOptions(headers: HeaderList): Set<string> | undefined {
  let named: Set<string> | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    for (const part of (headers[i + 1] as string).split(',')) {
      const option = part.trim().toLowerCase();
      if (option === '' || option === 'keep-alive' || NEVER_NAMED.has(option)) continue;
      named ??= new Set();
      named.add(option);
    }
  }
  return named;
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
