import { printable } from '../text/printable.js';

const MAX_PARTS = 100;
const MAX_HEAD_BYTES = 8192;

/**
 * The parts of a multipart body (RFC 2046 §5.1), a line each: head fields that tell them apart, and how long they are.
 * What is before the first boundary and behind the last one is left out.
 */
export function multipartLines(body: Buffer, boundary: string): string {
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  const lines: string[] = [];
  let at = boundaryFrom(body, mark, 0);
  while (at >= 0 && lines.length < MAX_PARTS) {
    const begin = at + mark.length;
    if (body.subarray(begin, begin + 2).toString('latin1') === '--') break;
    const next = boundaryFrom(body, mark, begin);
    lines.push(partLine(lines.length + 1, body.subarray(begin, next < 0 ? body.length : next), next < 0));
    at = next;
  }
  return lines.join('\n');
}

/** Where a boundary stands at the beginning of a line; -1: nowhere. */
function boundaryFrom(body: Buffer, mark: Buffer, from: number): number {
  for (let at = body.indexOf(mark, from); at >= 0; at = body.indexOf(mark, at + 1)) {
    if (at === 0 || body[at - 1] === 0x0a) return at;
  }
  return -1;
}

/** @param part from behind its boundary to the next one */
function partLine(number: number, part: Buffer, isCut: boolean): string {
  const begin = part.indexOf('\n') + 1;
  const end = part.indexOf('\r\n\r\n', Math.max(0, begin - 2));
  const hasHead = begin > 0 && end >= 0 && end - begin < MAX_HEAD_BYTES;
  const head = hasHead ? part.subarray(begin, Math.max(begin, end)).toString('utf8') : '';
  const fields = head
    .split('\r\n')
    .filter((line) => /^content-(?:disposition|type|encoding|transfer-encoding|id)\s*:/i.test(line));
  // A CRLF before the next boundary belongs to that.
  const bytes = Math.max(0, part.length - (hasHead ? end + 4 : Math.max(0, begin)) - (isCut ? 0 : 2));
  return `part ${number}: ${bytes} bytes${isCut ? ', cut' : ''}${fields.map((line) => `; ${printable(line)}`).join('')}`;
}
