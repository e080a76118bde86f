import { type HeaderList, headerValue } from '@kafka-http-proxy/protocol';
import type { FoundLetter } from '../letters/letter-row.js';
import { placeOf } from '../stored-record.js';
import type { RequestExport } from './curl.js';

/*
 * HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), a piece at a time, so that an archive of any
 * size can be written: HAR_BEGIN, entries with `,` between them, HAR_END.
 */

/** What stands before the entries. @param version of this program */
export function harBegin(version: string): string {
  return `{"log":{"version":"1.2","creator":{"name":"kafka-http-proxy","version":${JSON.stringify(version)}},"entries":[`;
}

/** What stands behind the entries. */
export const HAR_END = ']}}';

/** -1: not known, as the format has it. */
const UNKNOWN = -1;

/**
 * A letter's request as an entry, with what its client was told as the response; null for a letter that has no request.
 * A body that is no UTF-8 is base64, and its comment says so: the format has nothing for it.
 */
export function harEntryOf({ letter, judgement }: FoundLetter, { origin, masking }: RequestExport): object | null {
  const { request, error, record } = letter;
  if (request === null) return null;
  const { method, target, headers, body } = request;
  const asked = error?.timestamp ?? record.timestampMs;
  const url = target === '*' ? origin : origin + target;
  return {
    startedDateTime: isoTime(asked),
    time: Math.max(0, record.timestampMs - asked),
    request: {
      method,
      url,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: fields(masking.fields(headers)),
      queryString: queryOf(target),
      ...(body !== null && body.length > 0 && { postData: postData(body, headers) }),
      headersSize: UNKNOWN,
      bodySize: body?.length ?? 0,
    },
    response: {
      status: error?.status ?? 0,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [],
      content: { size: 0, mimeType: 'x-unknown' },
      redirectURL: '',
      headersSize: UNKNOWN,
      bodySize: UNKNOWN,
      comment: error === null ? '' : `${error.code}: ${error.message}`,
    },
    cache: {},
    timings: { send: 0, wait: Math.max(0, record.timestampMs - asked), receive: 0 },
    comment: `${placeOf(record)} ${judgement.verdict}`,
  };
}

function fields(list: readonly string[]): { name: string; value: string }[] {
  return list.flatMap((name, i) => (i % 2 === 0 ? [{ name, value: list[i + 1] ?? '' }] : []));
}

function queryOf(target: string): { name: string; value: string }[] {
  const at = target.indexOf('?');
  return at < 0 ? [] : [...new URLSearchParams(target.slice(at + 1))].map(([name, value]) => ({ name, value }));
}

function postData(body: Buffer, headers: HeaderList): object {
  const mimeType = headerValue(headers, 'content-type') ?? '';
  try {
    return { mimeType, params: [], text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body) };
  } catch {
    return { mimeType, params: [], text: body.toString('base64'), comment: 'base64' };
  }
}

/** Who writes a record says when: it may be no time at all. */
function isoTime(ms: number): string {
  return new Date(Math.abs(ms) <= 8.64e15 ? ms : 0).toISOString();
}
