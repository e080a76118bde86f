import { type HeaderList, headerValue } from '@kafka-http-proxy/protocol';
import { MIMEType } from 'whatwg-mimetype';
import { printable, printableLines } from '../text/printable.js';
import { decodedText, isPlainText, utf8Text } from './charset.js';
import { withoutCodings } from './codings.js';
import { hexdump } from './hexdump.js';
import type { Inflate } from './inflate.js';
import { indentedJson } from './json-lines.js';
import { multipartLines } from './multipart.js';

/** What was made of a body. */
export type BodyKind = 'empty' | 'json' | 'text' | 'form' | 'multipart' | 'binary';

/** How much of a body is shown: the first lines of it, or all that the limit lets through. */
export type BodyPart = 'head' | 'full';

/** A body as text that is safe to print. */
export interface BodyView {
  readonly kind: BodyKind;
  /** Without a line feed at its end. */
  readonly text: string;
  /** As it is stored, compressed or not. */
  readonly bytes: number;
  /** What to know beside it: `gzip undone, 120 bytes`, `12 more lines`. */
  readonly notes: readonly string[];
}

/** How a body is to be shown. */
export interface BodyOptions {
  readonly part: BodyPart;
  readonly inflate: Inflate;
}

/** Most that is made of a body, bytes and characters: a bomb is cut here. */
export const MAX_BODY_BYTES = 1024 * 1024;
const HEXDUMP_BYTES = 256;
const HEAD_LINES = 10;
const HEAD_CHARACTERS = 1024;

/**
 * A body by its content type: JSON with an indent, text in its charset, a form as a `name=value` a line, a list of the
 * parts of multipart, all else as 256 bytes of hexdump. Content codings are undone. Never throws.
 *
 * @example
 * const { text } = await viewBody(reply.body, reply.headers, { part: 'full', inflate });
 */
export async function viewBody(
  body: Buffer | null,
  headers: HeaderList,
  { part, inflate }: BodyOptions,
): Promise<BodyView> {
  if (body === null || body.length === 0) return { kind: 'empty', text: '', bytes: 0, notes: [] };
  const notes: string[] = [];
  const plain = await withoutCodings(body, headers, MAX_BODY_BYTES, inflate);
  const isCut = plain.isCut || plain.bytes.length > MAX_BODY_BYTES;
  const bytes = plain.bytes.subarray(0, MAX_BODY_BYTES);
  if (plain.undone.length > 0) notes.push(`${plain.undone.join(', ')} undone, ${plain.bytes.length} bytes`);
  if (plain.left !== null) notes.push(`${printable(plain.left.slice(0, 40))} can't be undone`);
  if (isCut) notes.push('cut');
  const shown = plain.left === null ? textOf(bytes, headerValue(headers, 'content-type') ?? '') : binary(bytes);
  const { text, note } = cutTo(part, shown.text, shown.kind);
  if (shown.kind === 'binary' && bytes.length > HEXDUMP_BYTES) notes.push(`${bytes.length - HEXDUMP_BYTES} more bytes`);
  if (note !== null) notes.push(note);
  // Escaped last: of a long text of controls only what is shown.
  return { kind: shown.kind, text: printableLines(text), bytes: body.length, notes };
}

interface Shown {
  readonly kind: BodyKind;
  readonly text: string;
}

function textOf(bytes: Buffer, contentType: string): Shown {
  const type = MIMEType.parse(contentType);
  if (type === null) return sniffed(bytes);
  const { essence, parameters } = type;
  const charset = parameters.get('charset') ?? null;
  if (essence === 'multipart/form-data' || type.type === 'multipart') {
    const text = multipartLines(bytes, parameters.get('boundary') ?? '');
    return text === '' ? sniffed(bytes) : { kind: 'multipart', text };
  }
  if (essence === 'application/x-www-form-urlencoded') return { kind: 'form', text: formLines(bytes) };
  if (isJson(type)) return jsonOf(decodedText(bytes, charset));
  if (isText(type)) return { kind: 'text', text: decodedText(bytes, charset) };
  return type.type === 'application' ? sniffed(bytes) : binary(bytes);
}

const isJson = ({ subtype }: MIMEType): boolean => subtype === 'json' || subtype.endsWith('+json');

function isText({ type, subtype }: MIMEType): boolean {
  return (
    type === 'text' ||
    subtype.endsWith('+xml') ||
    /^(?:xml|(?:x-)?(?:javascript|ndjson|yaml)|graphql|sql)$/.test(subtype)
  );
}

/** A body whose type is missing or says nothing. */
function sniffed(bytes: Buffer): Shown {
  const text = utf8Text(bytes);
  if (text === null || !isPlainText(text)) return binary(bytes);
  return /^\s*[[{]/.test(text) ? jsonOf(text) : { kind: 'text', text };
}

function jsonOf(text: string): Shown {
  try {
    JSON.parse(text);
  } catch {
    return { kind: 'text', text };
  }
  return { kind: 'json', text: indentedJson(text, MAX_BODY_BYTES) };
}

function formLines(bytes: Buffer): string {
  return [...new URLSearchParams(bytes.toString('latin1'))]
    .map(([name, value]) => `${printable(name)}=${printable(value)}`)
    .join('\n');
}

function binary(bytes: Buffer): Shown {
  return { kind: 'binary', text: hexdump(bytes, HEXDUMP_BYTES) };
}

/** @returns the text, and what was left out of it */
function cutTo(part: BodyPart, text: string, kind: BodyKind): { readonly text: string; readonly note: string | null } {
  // No pattern: one that ends in $ would be tried at each of a million line feeds.
  let end = text.length;
  while (text[end - 1] === '\n') end--;
  const trimmed = text.slice(0, end);
  // A hexdump has its own limit, and its lines are wide.
  if (part === 'full' || kind === 'binary') return { text: trimmed, note: null };
  const lines = trimmed.split('\n');
  const head = lines.slice(0, HEAD_LINES).join('\n').slice(0, HEAD_CHARACTERS);
  const left = trimmed.length - head.length;
  return { text: head, note: left > 0 ? `${left} more characters` : null };
}
