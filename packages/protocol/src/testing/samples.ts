/** The `khp` of a request, each field set. */
export const REQUEST = {
  v: 2,
  method: 'POST',
  target: '/a?b=c',
  headers: ['Host', 'x', 'X-A', 'caf\xe9'],
  client: '10.0.0.7',
  deadline: 1_795_328_498_305,
  reply: ['replies', 3],
  trailers: ['X-T', '1'],
  more: true,
};
/** The `khp` of a reply, each field set. */
export const REPLY = {
  v: 2,
  status: 200,
  reason: 'Fine',
  headers: ['A', 'b'],
  error: 'timeout',
  took: 3,
  trailers: [],
  seq: 0,
  end: true,
  exec: 'e',
  inbox: ['khp-control', 1],
  credit: 10,
  cancel: true,
};
/** A request of version 1. */
export const REQUEST_V1 = {
  correlation_id: 'a',
  method: 'GET',
  path: '/a',
  query_params: { q: 'x' },
  headers: { Host: 'h' },
  body: 'text',
  client_ip: '1.2.3.4',
  timestamp: 1.5,
  response_topic: 'replies',
};
/** A reply of version 1. */
export const REPLY_V1 = {
  correlation_id: 'a',
  status_code: 200,
  headers: { A: 'b' },
  body: { ok: true },
  timestamp: 1,
};
