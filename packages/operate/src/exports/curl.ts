import { endToEnd, type HeaderList, headerValue, type RequestEnvelope } from '@kafka-http-proxy/protocol';
import type { FoundLetter } from '../letters/letter-row.js';
import { placeOf } from '../stored-record.js';
import type { Masking } from '../text/masking.js';
import { printable } from '../text/printable.js';
import { shellWord } from './shell-words.js';

/** Where an exported request is to go, and what of it is hidden. */
export interface RequestExport {
  /** `http://127.0.0.1:8080`, without a path. */
  readonly origin: string;
  readonly masking: Masking;
}

/** A target that curl sends as it is in a URL, with --path-as-is and --globoff. */
const URL_TARGET = /^\/[\w.~!$&()*+,;=:@%/?-]*$/;
/** A body that can stand in a word as it is. */
const TEXT_BODY = /^[\x20-\x7e\n\t]*[\x20-\x7e\t]$/;
/** Longest body that stands in the command itself, bytes: a word of Linux has 128 KiB at most. */
const MAX_WORD = 65_536;
const PIPED = '--data-binary @-';
/** What curl sends by itself, unless it is told not to. */
const OF_CURL = ['Accept', 'User-Agent', 'Content-Type', 'Expect'] as const;

/**
 * A letter's request as a command of curl, for a POSIX shell. Nothing that a stranger wrote ends a word or is a command.
 * Null for a letter that has no whole request.
 *
 * @example
 * curlOf(found, { origin: 'http://127.0.0.1:8080', masking: createMasking() });
 */
export function curlOf({ letter, judgement }: FoundLetter, { origin, masking }: RequestExport): string | null {
  const { request, error, record } = letter;
  if (request === null || judgement.verdict === 'truncated') return null;
  const comments = [`# ${placeOf(record)} ${judgement.verdict}${error === null ? '' : ` ${error.code}`}`];
  if (request.trailers !== null) comments.push('# Its trailer fields are left out: curl sends none.');
  const data = dataWords(request);
  const { headers } = request;
  const words = [
    ...targetWords(request, origin),
    ...methodWords(request, data),
    ...headerWords(headers, masking),
    ...data,
  ];
  const command = `${data[0] === PIPED ? base64Pipe(request.body) : ''}curl ${words.join(' \\\n  ')}`;
  return [...comments.map(printable), command, ''].join('\n');
}

function targetWords({ target }: RequestEnvelope, origin: string): string[] {
  if (URL_TARGET.test(target)) return ['--path-as-is --globoff', shellWord(origin + target)];
  return [`--request-target ${shellWord(target)}`, shellWord(origin)];
}

function methodWords({ method }: RequestEnvelope, { length }: readonly string[]): string[] {
  // As -X HEAD, it would wait for a body.
  if (method === 'HEAD' && length === 0) return ['--head'];
  return method === 'GET' && length === 0 ? [] : [`-X ${shellWord(method)}`];
}

/** The body, if there is one: --data-raw takes no @ for the name of a file. */
function dataWords({ body, headers }: RequestEnvelope): string[] {
  // The Kafka client writes an empty value as none.
  if (body === null || body.length === 0) {
    return headerValue(headers, 'content-length') === '0' ? ["--data-raw ''"] : [];
  }
  const text = body.toString('latin1');
  return body.length <= MAX_WORD && TEXT_BODY.test(text) ? [`--data-raw ${shellWord(text)}`] : [PIPED];
}

function headerWords(headers: HeaderList, masking: Masking): string[] {
  const kept = masking.fields(endToEnd(headers, (name) => name === 'content-length'));
  const words = kept.flatMap((name, i) =>
    i % 2 === 0 ? [`-H ${shellWord(headerLine(name, kept[i + 1] ?? ''))}`] : [],
  );
  const unasked = OF_CURL.filter((name) => headerValue(headers, name.toLowerCase()) === undefined);
  return [...words, unasked.map((name) => `-H '${name}:'`).join(' ')].filter((word) => word !== '');
}

/** `Name;` is how curl is told of an empty value. */
function headerLine(name: string, value: string): string {
  return value === '' ? `${name};` : `${name}: ${value}`;
}

function base64Pipe(body: Buffer | null): string {
  return `printf %s '${body?.toString('base64') ?? ''}' | base64 -d | `;
}
