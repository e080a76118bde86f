import {
  encodeReply,
  encodeRequest,
  type ReplyEnvelope,
  type RequestEnvelope,
  type WireRecord,
} from '@kafka-http-proxy/protocol';

/** A request of a client as a record, with what a test changes of it. */
export function requestRecord(fields: Partial<RequestEnvelope> = {}): WireRecord {
  return encodeRequest({
    version: 2,
    correlationId: 'wBa9fPOA-abcdefghijkl.0123456789abcdef',
    method: 'POST',
    target: '/orders/7?x=1',
    headers: ['Host', 'shop', 'Content-Type', 'application/json', 'Authorization', 'Bearer secret'],
    client: '10.0.0.7',
    deadlineMs: Date.now() + 30_000,
    reply: null,
    trace: null,
    body: Buffer.from('{"a":1}'),
    trailers: null,
    more: false,
    ...fields,
  });
}

/** A reply of a backend as a record, with what a test changes of it. */
export function replyRecord(fields: Partial<ReplyEnvelope> = {}): WireRecord {
  return encodeReply({
    version: 2,
    correlationId: 'wBa9fPOA-abcdefghijkl.0123456789abcdef',
    status: 200,
    reason: null,
    headers: ['Content-Type', 'text/plain'],
    error: null,
    tookMs: 3,
    body: Buffer.from('ok'),
    trailers: null,
    sequence: null,
    ...fields,
  });
}
