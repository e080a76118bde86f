import {
  BridgeError,
  type HeaderList,
  headerValue,
  MAX_HEAD_LINES,
  type ReplyEnvelope,
  type ViaMarks,
} from '@kafka-http-proxy/protocol';
import { ownReply } from '../egress/own-reply.js';
import type { RequestHead } from './request-head.js';

/** What a hop has to do with a request before it hands it on (RFC 9110 §7.6.2 and §7.6.3). */
export interface Hops {
  /**
   * The head as it goes on: with our mark in Via, one less in Max-Forwards, and X-Forwarded-Proto where it came by TLS
   * and does not say so.
   *
   * @param version of HTTP that it came in
   * @returns null where it is to go no further: then it is answered here
   * @throws {BridgeError} `loop_detected` for a request that was here before, on its way to the same topic
   */
  next(head: RequestHead, topic: string, version: string): RequestHead | null;
}

/**
 * @param via null: no Via, and loops are not seen
 *
 * @example
 * const hops = createHops(createViaMarks('kafka-proxy', undefined));
 * const onward = hops.next(head, 'orders', request.httpVersion);
 */
export function createHops(via: ViaMarks | null): Hops {
  return {
    next(head, topic, version) {
      if (via?.passedBefore(head.headers, topic)) throw new BridgeError('loop_detected', LOOP);
      const forwards = maxForwards(head);
      if (forwards === 0) return null;
      const headers = forwards === null ? [...head.headers] : lowered(head.headers, forwards);
      // No processor takes more lines, nor would this proxy when it came back: of such a head there is no loop.
      const hasRoom = () => headers.length < 2 * (MAX_HEAD_LINES + 1);
      if (via !== null && hasRoom()) headers.push('Via', via.of(topic, version));
      // Where nothing is said, the processor says http.
      if (head.scheme === 'https' && headerValue(headers, FORWARDED_PROTO) === undefined && hasRoom()) {
        headers.push('X-Forwarded-Proto', 'https');
      }
      return { ...head, headers };
    },
  };
}

const FORWARDED_PROTO = 'x-forwarded-proto';

const LOOP = 'The request came back to the proxy that had sent it on: the backend of its topic leads back here.';

/** How often the request may be handed on; null where it does not say so. Other methods don't count hops. */
function maxForwards({ method, headers }: RequestHead): number | null {
  if (method !== 'OPTIONS' && method !== 'TRACE') return null;
  const text = headerValue(headers, 'max-forwards');
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function lowered(headers: HeaderList, forwards: number): string[] {
  return headers.map((text, i) => (i % 2 === 1 && isMaxForwards(headers[i - 1]) ? String(forwards - 1) : text));
}

function isMaxForwards(name = ''): boolean {
  return name.toLowerCase() === 'max-forwards';
}

/** The answer to a request that ends here: to TRACE itself, without what is secret (RFC 9110 §9.3.8), else nothing. */
export function ownAnswer({ method, target, headers }: RequestHead, correlationId: string): ReplyEnvelope {
  const body = method === 'TRACE' ? Buffer.from(requestText(method, target, headers), 'latin1') : Buffer.alloc(0);
  const type = method === 'TRACE' ? ['Content-Type', 'message/http'] : [];
  return ownReply(correlationId, {
    status: 200,
    headers: [...type, 'Content-Length', String(body.length)],
    body,
  });
}

const SECRET: ReadonlySet<string> = new Set([
  'authorization',
  'client-cert',
  'cookie',
  'proxy-authorization',
  'x-api-key',
]);

function requestText(method: string, target: string, headers: HeaderList): string {
  let text = `${method} ${target} HTTP/1.1\r\n`;
  for (let i = 0; i < headers.length; i += 2) {
    if (!SECRET.has((headers[i] as string).toLowerCase())) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  }
  return `${text}\r\n`;
}
