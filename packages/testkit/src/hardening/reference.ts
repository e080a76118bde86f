/*
 * HTTP/1.1 requests read by the letter of RFC 9112, for comparison: what this finds no fault with, every
 * server on the way reads alike. Slow, and of no use but in tests.
 */

/** A request as the reference read it. */
export interface ReadRequest {
  readonly method: string;
  readonly target: string;
  /** Lines of the head behind the first, as they stood. */
  readonly headerLines: readonly string[];
  /** One character a byte; chunks undone. */
  readonly body: string;
  readonly keepAlive: boolean;
}

export interface Reading {
  readonly requests: readonly ReadRequest[];
  /** What was wrong with the bytes behind them; null when they are none, or the beginning of one that could be right. */
  readonly fault: string | null;
  /** How many bytes the requests took. */
  readonly bytes: number;
}

/**
 * What Node's parser also takes, and and no server is known to read as another number of requests:
 * several spaces in the request line, CR and LF before it in any order, RTSP and ICE for HTTP. Host is not
 * looked at either.
 */
export interface Allowance {
  readonly lenient: boolean;
}

class Fault extends Error {}
/** More bytes are needed to tell. */
const MORE = Symbol('more');

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const STRICT_LINE = new RegExp(`^(${TOKEN}) ([\\x21-\\x7e\\x80-\\xff]+) (HTTP/1\\.[01])$`);
const LENIENT_LINE = new RegExp(`^(${TOKEN}) +([\\x21-\\x7e]+) +((?:HTTP|RTSP|ICE)/1\\.[01])$`);
const HEADER_LINE = new RegExp(`^(${TOKEN}):[\\t ]*([\\t\\x20-\\x7e\\x80-\\xff]*?)[\\t ]*$`);
const CHUNK_LINE = /^([0-9A-Fa-f]{1,16})(?:;[\t\x20-\x7e\x80-\xff]*)?$/;

/** Reads requests until the bytes end, or a fault. */
export function readRequests(text: string, { lenient }: Allowance = { lenient: false }): Reading {
  const requests: ReadRequest[] = [];
  let bytes = 0;
  for (;;) {
    const start = lenient ? bytes + (/^[\r\n]*/.exec(text.slice(bytes))?.[0].length ?? 0) : bytes;
    if (start >= text.length) return { requests, fault: null, bytes };
    let read: { request: ReadRequest; end: number } | typeof MORE;
    try {
      read = readOne(text, start, lenient);
    } catch (error) {
      if (error instanceof Fault) return { requests, fault: error.message, bytes };
      throw error;
    }
    if (read === MORE) return { requests, fault: null, bytes };
    requests.push(read.request);
    bytes = read.end;
    if (!read.request.keepAlive) return { requests, fault: null, bytes };
  }
}

function readOne(text: string, start: number, lenient: boolean): { request: ReadRequest; end: number } | typeof MORE {
  const headEnd = text.indexOf('\r\n\r\n', start);
  if (headEnd < 0) return MORE;
  const [requestLine = '', ...headerLines] = text.slice(start, headEnd).split('\r\n');
  const line = (lenient ? LENIENT_LINE : STRICT_LINE).exec(requestLine);
  if (line === null) throw new Fault(`request line ${JSON.stringify(requestLine)}`);
  const [, method = '', target = '', version = ''] = line;
  const fields = headerLines.map(fieldOf);
  const isNew = version.endsWith('1');
  const hosts = valuesOf(fields, 'host').length;
  // It is declined, and where it ends is certain all the same.
  if (!lenient && (hosts > 1 || (hosts === 0 && isNew))) throw new Fault(`${hosts} Host lines`);
  const connection = valuesOf(fields, 'connection').join().toLowerCase();
  const keepAlive = isNew ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
  const body = readBody(text, headEnd + 4, fields, isNew);
  if (body === MORE) return MORE;
  return { request: { method, target, headerLines, body: body.content, keepAlive }, end: body.end };
}

type Field = readonly [name: string, value: string];

function fieldOf(line: string): Field {
  const match = HEADER_LINE.exec(line);
  if (match === null) throw new Fault(`header line ${JSON.stringify(line)}`);
  return [(match[1] as string).toLowerCase(), match[2] as string];
}

function valuesOf(fields: readonly Field[], name: string): string[] {
  return fields.filter((field) => field[0] === name).map((field) => field[1]);
}

type Body = { readonly content: string; readonly end: number };

/** RFC 9112 §6.3, with every case in which it leaves a choice taken for a fault. */
function readBody(text: string, start: number, fields: readonly Field[], isNew: boolean): Body | typeof MORE {
  const codings = valuesOf(fields, 'transfer-encoding');
  const lengths = valuesOf(fields, 'content-length');
  if (codings.length > 0) {
    if (!isNew || lengths.length > 0 || codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked') {
      throw new Fault(`Transfer-Encoding ${codings}, Content-Length ${lengths}`);
    }
    return readChunks(text, start);
  }
  if (lengths.length === 0) return { content: '', end: start };
  const [length = ''] = lengths;
  if (lengths.length > 1 || !/^\d+$/.test(length)) throw new Fault(`Content-Length ${lengths}`);
  const end = start + Number(length);
  return end > text.length ? MORE : { content: text.slice(start, end), end };
}

function readChunks(text: string, start: number): Body | typeof MORE {
  let content = '';
  let at = start;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return MORE;
    const size = CHUNK_LINE.exec(text.slice(at, lineEnd));
    if (size === null) throw new Fault(`chunk line ${JSON.stringify(text.slice(at, lineEnd))}`);
    const length = Number.parseInt(size[1] as string, 16);
    at = lineEnd + 2;
    if (length === 0) break;
    if (at + length + 2 > text.length) return MORE;
    content += text.slice(at, at + length);
    at += length;
    if (text.slice(at, at + 2) !== '\r\n') throw new Fault('bytes behind a chunk');
    at += 2;
  }
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return MORE;
    const line = text.slice(at, lineEnd);
    at = lineEnd + 2;
    if (line === '') return { content, end: at };
    if (/^(?:content-length|transfer-encoding)$/.test(fieldOf(line)[0])) throw new Fault(`trailer ${line}`);
  }
}
