import { BridgeError } from '../errors.js';
import { type HeaderList, isFieldValue, isToken } from '../header-list.js';
import { isLegalTopic } from '../topics.js';
import type { RequestEnvelope } from './envelope.js';
import { MAX_METADATA_BYTES } from './limits.js';

/*
 * The fields of version 1, between what an envelope holds and what the JSON of 1.0.1 has in its place.
 */

/** Refuses what is not UTF-8, and keeps a byte order mark. */
export const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A body as text. @throws {BridgeError} `not_supported` when it is not UTF-8 */
export function textOf(body: Buffer | null): string | null {
  if (body === null) return null;
  try {
    return UTF8.decode(body);
  } catch (cause) {
    throw new BridgeError('not_supported', 'a binary body cannot be carried by wire version 1; use wire version 2', {
      cause,
    });
  }
}

/** Version 1 has no other place for the trace context than the headers. */
export function withTrace({ headers, trace }: RequestEnvelope): HeaderList {
  if (trace === null) return headers;
  const state = trace.tracestate === undefined ? [] : ['tracestate', trace.tracestate];
  return [...headers, 'traceparent', trace.traceparent, ...state];
}

/** Where a reply goes; null for a topic that Kafka would not take. */
export function replyAddress(topic: unknown): RequestEnvelope['reply'] {
  return typeof topic === 'string' && isLegalTopic(topic) ? { topic, partition: null } : null;
}

/** What is wrong with a body of which {@link bodyOf} makes nothing. */
export const TOO_DEEP = '"body" is nested too deeply';

/** 1.0.1 puts JSON values where the body was JSON text. Undefined for one that is nested deeper than can be written again. */
export function bodyOf(value: unknown): Buffer | null | undefined {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return Buffer.from(value);
  try {
    return Buffer.from(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

/** One value a name: repeated ones are joined by a comma, of Set-Cookie the last is kept. */
export function toObject(headers: HeaderList): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  const names = new Map<string, string>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    const lower = name.toLowerCase();
    const first = names.get(lower);
    if (first === undefined) {
      names.set(lower, name);
      fields[name] = value;
    } else {
      fields[first] = lower === 'set-cookie' ? value : `${fields[first]}, ${value}`;
    }
  }
  return fields;
}

/** A header list; null for what is none, or has more than `maxLines`. */
export function fromObject(value: unknown, maxLines: number): string[] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const list: string[] = [];
  for (const [name, content] of Object.entries(value)) {
    if (typeof content !== 'string' || !isToken(name) || !isFieldValue(content)) return null;
    list.push(name, content);
    if (list.length > 2 * maxLines) return null;
  }
  return list;
}

/** The list without what frames a body. @param also one more lower-case name to leave out */
export function withoutLength(headers: string[], also?: string): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const lower = (headers[i] as string).toLowerCase();
    if (lower === 'content-length' || lower === 'transfer-encoding' || lower === also) continue;
    kept.push(headers[i] as string, headers[i + 1] as string);
  }
  return kept;
}

/** 1.0.1 sends the path percent-decoded: what may not stand in a request-target is encoded again. */
export function targetOf(path: unknown, params: unknown): string | null {
  if (typeof path !== 'string' || (!path.startsWith('/') && path !== '*')) return null;
  if (path.length > MAX_METADATA_BYTES) return null;
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return null;
  const query = new URLSearchParams();
  try {
    for (const [name, value] of Object.entries(params)) query.append(name, String(value));
  } catch {
    // An object whose toString is none, or lists that are nested too deeply.
    return null;
  }
  const encoded = path.replace(/%(?![0-9A-Fa-f]{2})|[^\x21\x24-\x3b\x3d\x40-\x5a\x5f\x61-\x7a\x7e]+/g, (part) =>
    // The round trip through UTF-8 replaces lone surrogates, which encodeURIComponent would throw for.
    part === '%' ? '%25' : encodeURIComponent(Buffer.from(part).toString()),
  );
  const text = query.toString();
  if (path === '*') return text === '' ? path : null;
  return text === '' ? encoded : `${encoded}?${text}`;
}
