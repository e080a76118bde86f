import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { type BodyKind, MAX_BODY_BYTES, viewBody } from './body-view.js';
import type { Inflate } from './inflate.js';

const inflate: Inflate = async (coding, bytes) =>
  coding === 'gzip' ? { bytes: gunzipSync(bytes), isCut: false } : null;
const full = { part: 'full', inflate } as const;
const type = (value: string) => ['Content-Type', value];

it.each<[string, string[], string | Buffer, BodyKind, string]>([
  [
    'JSON, whose numbers stay',
    type('application/json; charset=utf-8'),
    '{"n":12345678901234567890,"n":1.0,"a":[],"o":{},"l":[1,{"s":"a,{\\"b"}]}',
    'json',
    '{\n  "n": 12345678901234567890,\n  "n": 1.0,\n  "a": [],\n  "o": {},\n  "l": [\n    1,\n    {\n      "s": "a,{\\"b"\n    }\n  ]\n}',
  ],
  ['JSON of a +json type', type('application/problem+json'), '{"a":1}', 'json', '{\n  "a": 1\n}'],
  ['JSON that is none', type('application/json'), '{"a":', 'text', '{"a":'],
  ['text', type('text/plain'), 'größe\n', 'text', 'größe'],
  [
    'text of latin1 that says so',
    type('text/plain; charset=iso-8859-1'),
    Buffer.from('gr\xf6\xdfe', 'latin1'),
    'text',
    'größe',
  ],
  ['text of latin1 that does not', type('text/plain'), Buffer.from('gr\xf6\xdfe', 'latin1'), 'text', 'größe'],
  ['text of no known charset', type('text/plain; charset=klingon'), 'a', 'text', 'a'],
  ['events', type('text/event-stream'), 'data: 1\n\n', 'text', 'data: 1'],
  ['a form', type('application/x-www-form-urlencoded'), 'a=1&b=%C3%B6+x&c=%0A%1b', 'form', 'a=1\nb=ö x\nc=\\x0a\\x1b'],
  ['no type, JSON', [], ' [1]', 'json', '[\n  1\n]'],
  ['no type, text', [], 'abc', 'text', 'abc'],
  [
    'bytes',
    type('application/octet-stream'),
    Buffer.from([0, 1, 0x41, 255]),
    'binary',
    '00000000  00 01 41 ff                                       |..A.|',
  ],
  ['an image', type('image/png'), 'PNG', 'binary', '00000000  50 4e 47                                          |PNG|'],
  ['what clears a screen', type('text/plain'), 'a\u001b[2J\u009bb', 'text', 'a\\x1b[2J\\x9bb'],
  ['nothing', type('text/plain'), '', 'empty', ''],
])('shows %s', async (_what, headers, body, kind, text) => {
  expect(await viewBody(Buffer.from(body), headers, full)).toMatchObject({ kind, text });
});

it('lists the parts of multipart', async () => {
  const body = [
    'preamble',
    '--b1',
    'Content-Disposition: form-data; name="a"',
    '',
    'one --b1 two',
    '--b1',
    'Content-Disposition: form-data; name="f"; filename="x\u001b.png"',
    'Content-Type: image/png',
    '',
    'PNG',
    '--b1--',
    'epilogue',
  ].join('\r\n');
  const { kind, text } = await viewBody(Buffer.from(body), type('multipart/form-data; boundary=b1'), full);
  expect(kind).toBe('multipart');
  expect(text.split('\n')).toEqual([
    'part 1: 12 bytes; Content-Disposition: form-data; name="a"',
    'part 2: 3 bytes; Content-Disposition: form-data; name="f"; filename="x\\x1b.png"; Content-Type: image/png',
  ]);
});

it('undoes codings, and says what it can not undo', async () => {
  const body = gzipSync(gzipSync('{"a":1}'));
  const headers = [...type('application/json'), 'Content-Encoding', 'gzip, X-GZIP'];
  expect(await viewBody(body, headers, full)).toEqual({
    kind: 'json',
    text: '{\n  "a": 1\n}',
    bytes: body.length,
    notes: ['gzip, gzip undone, 7 bytes'],
  });
  const other = await viewBody(Buffer.from('x'), [...type('text/plain'), 'content-encoding', 'zst\u001bd'], full);
  expect(other).toMatchObject({ kind: 'binary', notes: ["zst\\x1bd can't be undone"] });
});

it('undoes no more than three codings', async () => {
  let body: Buffer = Buffer.from('x');
  for (let i = 0; i < 4; i++) body = gzipSync(body);
  const { kind, notes } = await viewBody(body, ['Content-Encoding', 'gzip, gzip, gzip, gzip'], full);
  expect(kind).toBe('binary');
  expect(notes).toContain("gzip can't be undone");
});

it('shows the head of a body, and how much there is more', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`).join('\n');
  const { text, notes } = await viewBody(Buffer.from(lines), type('text/plain'), { part: 'head', inflate });
  expect(text.split('\n')).toHaveLength(10);
  expect(notes).toEqual([`${lines.length - text.length} more characters`]);
  const long = await viewBody(Buffer.alloc(5000, 'x'), type('text/plain'), { part: 'head', inflate });
  expect(long.text).toHaveLength(1024);
});

it('escapes no more of a long text than it shows', async () => {
  const { text } = await viewBody(Buffer.alloc(MAX_BODY_BYTES), type('text/plain'), { part: 'head', inflate });
  expect(text).toBe('\\x00'.repeat(1024));
});

it('takes a million line feeds for what they are', async () => {
  const body = Buffer.concat([Buffer.from('a'), Buffer.alloc(MAX_BODY_BYTES - 2, '\n'), Buffer.from('b')]);
  const { text } = await viewBody(body, type('text/plain'), full);
  expect(text).toHaveLength(MAX_BODY_BYTES);
});

it.each([
  ['of one long string', JSON.stringify({ a: 'x\\'.repeat(300_000) })],
  ['nested without end', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['that an indent makes much longer', `${'['.repeat(16)}${'1,'.repeat(400_000)}1${']'.repeat(16)}`],
])('bounds JSON %s', async (_what, body) => {
  const { text } = await viewBody(Buffer.from(body), type('application/json'), full);
  expect(text.length).toBeLessThan(MAX_BODY_BYTES + 1000);
});
