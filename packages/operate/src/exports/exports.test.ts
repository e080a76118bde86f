import { execFileSync } from 'node:child_process';
import type { RequestEnvelope } from '@kafka-http-proxy/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FoundLetter } from '../letters/letter-row.js';
import { judge } from '../letters/verdict.js';
import { readLetter } from '../records/letter.js';
import { viewOf } from '../records/record-view.js';
import type { StoredRecord } from '../stored-record.js';
import { letterRecord } from '../testing/letters.js';
import { createMasking } from '../text/masking.js';
import { curlOf } from './curl.js';
import { HAR_END, harBegin, harEntryOf } from './har.js';
import { lineOfRecord, recordOfLine } from './lines.js';

const masking = createMasking();
const options = { origin: 'http://127.0.0.1:8080', masking };

function found(record: StoredRecord): FoundLetter {
  const letter = readLetter(record);
  return { view: viewOf(record), letter, mark: null, judgement: judge(letter, null) };
}
const of = (request: Partial<RequestEnvelope> = {}) => found(letterRecord(request));

describe('lineOfRecord', () => {
  it('loses nothing of a record', () => {
    const bytes = fc.option(fc.uint8Array().map((array) => Buffer.from(array)));
    const header = fc.tuple(fc.string(), bytes).map(([name, value]) => ({ [name]: value }));
    fc.assert(
      fc.property(bytes, bytes, fc.array(header), fc.nat(), (key, value, headers, offset) => {
        const record = {
          topic: 'failed',
          partition: 3,
          offset,
          timestampMs: 5,
          key,
          value,
          headers,
        } as unknown as StoredRecord;
        const line = lineOfRecord(record);
        expect(line).not.toContain('\n');
        expect(recordOfLine(line)).toEqual(record);
      }),
    );
  });

  it.each([
    ['no JSON', '{', 'a line of JSON was expected'],
    ['another object', '{}', 'v: '],
    ['a topic that is none', lineOfRecord({ ...letterRecord(), topic: '..' }), 'topic: a legal topic name'],
    ['what is no base64', lineOfRecord(letterRecord()).replace('"value":"', '"value":"*'), 'value: '],
  ])('says what is wrong with %s', (_title, text, sentence) => {
    expect(recordOfLine(text)).toContain(sentence);
  });
});

/** What a shell makes of a command: the arguments of curl, and what it gets on stdin. */
function asRun(script: string): { readonly words: string[]; readonly stdin: Buffer } {
  const fake = `curl() { for w in "$@"; do printf '%s\\0' "$w"; done; case "$*" in *' @-'*) printf 'STDIN\\0'; cat;; esac; }\n`;
  const out = execFileSync('sh', ['-c', fake + script]);
  const at = out.indexOf('STDIN\0');
  const stdin = at < 0 ? Buffer.alloc(0) : out.subarray(at + 6);
  return {
    words: out
      .subarray(0, at < 0 ? undefined : at)
      .toString('latin1')
      .split('\0')
      .slice(0, -1),
    stdin,
  };
}

describe('curlOf', () => {
  it('is a command that sends the request', () => {
    const { words } = asRun(
      curlOf(of({ headers: ['Host', 'shop', 'X-Tag', 'caf\xe9', 'X-None', '', 'Content-Length', '2'] }), options) ?? '',
    );
    expect(words).toEqual([
      ...['--path-as-is', '--globoff', 'http://127.0.0.1:8080/orders/7?x=1', '-X', 'POST'],
      ...['-H', 'Host: shop', '-H', 'X-Tag: caf\xe9', '-H', 'X-None;'],
      ...['-H', 'Accept:', '-H', 'User-Agent:', '-H', 'Content-Type:', '-H', 'Expect:', '--data-raw', '{}'],
    ]);
  });

  it('runs nothing that a stranger wrote, whatever that is', () => {
    const latin1 = fc.string({
      unit: fc
        .integer({ min: 0x20, max: 0xff })
        .filter((c) => c < 0x7f || c > 0x9f)
        .map((c) => String.fromCharCode(c)),
    });
    const hostile = fc.oneof(
      latin1,
      fc.constantFrom("'; echo owned #", '$(echo owned)', '`echo owned`', '"\\', '%s%n', '!!', '-o/x'),
    );
    fc.assert(
      fc.property(hostile, hostile, fc.uint8Array(), (value, path, body) => {
        const target = `/${path.replaceAll(' ', '+')}`;
        const request = { method: "P'T", target, headers: ['X-A', `a${value}b`], body: Buffer.from(body) };
        const { words, stdin } = asRun(curlOf(of(request), options) ?? '');
        expect(words).toContain(`X-A: a${value}b`);
        expect(words).toContain("P'T");
        expect(words.some((word) => word.endsWith(target))).toBe(true);
        const raw = words.indexOf('--data-raw');
        expect(raw < 0 ? stdin : Buffer.from(words[raw + 1] ?? '', 'latin1')).toEqual(Buffer.from(body));
      }),
      { numRuns: 60 },
    );
  });

  it.each<[string, Partial<RequestEnvelope>, string[]]>([
    ['a GET', { method: 'GET', body: null }, []],
    ['a HEAD', { method: 'HEAD', body: null }, ['--head']],
    [
      'an empty body that was announced',
      { headers: ['Content-Length', '0'], body: null },
      ['-X', 'POST', '--data-raw', ''],
    ],
    ['a target that no URL has', { target: '/a#b', body: null }, ['--request-target', '/a#b', '-X', 'POST']],
    [
      'the server as a whole',
      { method: 'OPTIONS', target: '*', body: null },
      ['--request-target', '*', '-X', 'OPTIONS'],
    ],
    [
      'a body like the name of a file',
      { body: Buffer.from('@/etc/passwd') },
      ['-X', 'POST', '--data-raw', '@/etc/passwd'],
    ],
  ])('sends %s as it was', (_title, request, expected) => {
    const { words } = asRun(curlOf(of({ headers: [], ...request }), options) ?? '');
    const ours = words.filter(
      (word, i) => word !== '-H' && words[i - 1] !== '-H' && !/^(http|--path|--glob)/.test(word),
    );
    expect(ours).toEqual(expected);
  });

  it('hides secrets, unless it is told not to', () => {
    const letter = of({ headers: ['Authorization', 'Bearer abc'] });
    expect(curlOf(letter, options)).toContain('Authorization: ***(10)');
    expect(curlOf(letter, { ...options, masking: createMasking({ showSecrets: true }) })).toContain('Bearer abc');
  });

  it('makes none of what is cut or unreadable', () => {
    expect(curlOf(of({ more: true }), options)).toBeNull();
    expect(curlOf(of({ method: 'A B' }), options)).toBeNull();
  });
});

describe('harEntryOf', () => {
  it('is an entry of an archive', () => {
    const text = [harBegin('2.0.0'), JSON.stringify(harEntryOf(of(), options)), HAR_END].join('');
    const { log } = JSON.parse(text);
    expect(log).toMatchObject({ version: '1.2', creator: { name: 'kafka-http-proxy', version: '2.0.0' } });
    expect(log.entries).toMatchObject([
      {
        startedDateTime: '2026-09-21T14:13:20.000Z',
        time: 1000,
        request: {
          ...{ method: 'POST', url: 'http://127.0.0.1:8080/orders/7?x=1', bodySize: 2, postData: { text: '{}' } },
          ...{
            queryString: [{ name: 'x', value: '1' }],
            headers: [{ name: 'Host', value: 'shop' }, { name: 'X-Tag' }],
          },
        },
        response: { status: 502, comment: 'backend_unreachable: The backend refused the connection.' },
      },
    ]);
  });

  it('has base64 for a body that is no text', () => {
    expect(harEntryOf(of({ body: Buffer.from([255, 0]) }), options)).toMatchObject({
      request: { postData: { text: '/wA=', comment: 'base64' } },
    });
    expect(harEntryOf(of({ method: 'A B' }), options)).toBeNull();
  });
});
