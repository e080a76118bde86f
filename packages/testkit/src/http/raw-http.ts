import { RawClient } from './raw-client.js';

/** A response as it came, byte for byte. */
export interface RawResponse {
  readonly statusLine: string;
  /** Header lines in order, as sent. */
  readonly headerLines: string[];
  readonly body: Buffer;
}

/** Sends a request as bytes, with Connection: close, and reads until the server ends. */
export async function rawExchange(port: number, request: Buffer | string): Promise<RawResponse> {
  const client = await RawClient.dial(port);
  client.send(request);
  return parseResponse(await client.rest());
}

/** Builds the bytes of a request; header lines are given whole. */
export function requestBytes(
  method: string,
  target: string,
  headerLines: readonly string[] = [],
  body: Buffer | string = '',
): Buffer {
  const bytes = Buffer.from(body);
  const length = bytes.length > 0 ? [`Content-Length: ${bytes.length}`] : [];
  const head = [`${method} ${target} HTTP/1.1`, 'Host: test', 'Connection: close', ...headerLines, ...length, '', ''];
  return Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), bytes]);
}

/** Takes a response apart. @throws when it is none */
export function parseResponse(text: string): RawResponse {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) throw new Error(`no response: ${JSON.stringify(text.slice(0, 200))}`);
  const [statusLine = '', ...headerLines] = text.slice(0, end).split('\r\n');
  return { statusLine, headerLines, body: Buffer.from(text.slice(end + 4), 'latin1') };
}
