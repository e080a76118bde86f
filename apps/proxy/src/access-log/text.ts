import type { RequestLine } from './entry.js';

/*
 * Whatever strangers send is made harmless here: a line stays one line, a quoted text ends at its quote, and nothing
 * reaches a terminal that it would act on.
 */

/** Longest target that is written, characters. */
const MAX_TARGET = 4096;
/** Longest value of a header, characters. */
const MAX_VALUE = 1024;

const PLAIN = /^[ !#-[\]-~]*$/;
const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** As Apache writes what is in quotes: `\"`, `\\`, and a byte that is no visible ASCII as `\xhh` (ap_escape_logitem). */
export function escaped(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/[^ !#-[\]-~]/g, (char) => NAMED[char] ?? `\\x${byteOf(char)}`);
}

/** For a text that JSON quotes itself: bytes that are no visible ASCII as `\xhh`. */
export function visible(text: string): string {
  return text.replace(/[^ -~]/g, (char) => `\\x${byteOf(char)}`);
}

function byteOf(char: string): string {
  return (char.charCodeAt(0) & 0xff).toString(16).padStart(2, '0');
}

/** A value of a header, no longer than one wants to read. @param query false: without the query, where it is an address */
export function headerText(value: string | undefined, query = true): string {
  return value === undefined ? '-' : shortened(query ? value : withoutQuery(value), MAX_VALUE);
}

/** A target as it may be written: never with a user (RFC 3986 §3.2.1), and without its query unless that is wanted. */
export function targetText(target: string, query: boolean): string {
  const known = target.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
  return shortened(query ? known : withoutQuery(known), MAX_TARGET);
}

/** The request line as one text; `-` where it is not known. */
export function lineText(line: RequestLine, query: boolean): string {
  if (line === null) return '-';
  if ('raw' in line) return targetText(line.raw, query);
  return `${line.method} ${targetText(line.target, query)} HTTP/${line.version}`;
}

/** What a request line says; the text itself where it is none (RFC 9112 §3). */
export function parseLine(text: string | null): RequestLine {
  if (text === null || text === '') return null;
  const [, method, target, version] = /^(\S{1,64}) (\S+) HTTP\/(\d\.\d)$/.exec(text) ?? [];
  if (method === undefined || target === undefined || version === undefined) return { raw: text };
  return { method, target, version };
}

function withoutQuery(text: string): string {
  const at = text.search(/[?#]/);
  return at < 0 ? text : text.slice(0, at);
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}...`;
}
