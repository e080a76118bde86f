/** A response as a client reads it. */
export interface ReadResponse {
  readonly status: number;
  readonly headerLines: readonly string[];
  /** One character a byte; chunks undone. */
  readonly body: string;
}

/**
 * Reads whole final responses by the letter; 1xx responses are skipped. None of them may be to HEAD.
 *
 * @throws Error for bytes that are no response
 */
export function readResponses(text: string): { responses: ReadResponse[]; rest: string } {
  const responses: ReadResponse[] = [];
  let rest = text;
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd < 0) {
      if (!'HTTP/1.1 '.startsWith(rest.slice(0, 9)))
        throw new Error(`no response: ${JSON.stringify(rest.slice(0, 200))}`);
      return { responses, rest };
    }
    const [statusLine = '', ...headerLines] = rest.slice(0, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 ([1-9]\d\d) [\t\x20-\x7e\x80-\xff]*$/.exec(statusLine)?.[1] ?? 0);
    if (status === 0) throw new Error(`no status line: ${JSON.stringify(statusLine)}`);
    for (const line of headerLines) {
      if (!/^[\w!#$%&'*+.^`|~-]+: ?[\t\x20-\x7e\x80-\xff]*$/.test(line))
        throw new Error(`no header line: ${JSON.stringify(line)}`);
    }
    const behind = rest.slice(headEnd + 4);
    const body =
      status < 200 || status === 204 || status === 304 ? { content: '', length: 0 } : readBody(behind, headerLines);
    if (body === null) return { responses, rest };
    rest = behind.slice(body.length);
    if (status >= 200) responses.push({ status, headerLines, body: body.content });
  }
}

/** Null while it is not whole. */
function readBody(text: string, headerLines: readonly string[]): { content: string; length: number } | null {
  const value = (name: string) =>
    headerLines
      .filter((line) => line.toLowerCase().startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trim());
  const [lengths, codings] = [value('content-length'), value('transfer-encoding')];
  if (lengths.length + codings.length !== 1) throw new Error(`framed by ${JSON.stringify([lengths, codings])}`);
  if (codings.length === 0) {
    const length = Number(lengths[0]);
    if (!/^\d+$/.test(lengths[0] ?? '')) throw new Error(`Content-Length ${lengths[0]}`);
    return text.length < length ? null : { content: text.slice(0, length), length };
  }
  return readChunks(text);
}

function readChunks(text: string): { content: string; length: number } | null {
  let content = '';
  let at = 0;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const line = text.slice(at, lineEnd);
    if (!/^[0-9a-f]+$/.test(line)) throw new Error(`chunk line ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    at = lineEnd + 2;
    if (size === 0) break;
    if (text.length < at + size + 2) return null;
    content += text.slice(at, at + size);
    at += size + 2;
  }
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const line = text.slice(at, lineEnd);
    at = lineEnd + 2;
    if (line === '') return { content, length: at };
  }
}
