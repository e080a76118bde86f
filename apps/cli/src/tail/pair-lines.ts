import { isoTime, type Pair, placeOf, shortSecondsOf } from '@kafka-http-proxy/operate';
import type { Column } from '../output/columns.js';
import type { Printer } from '../output/printer.js';

const ms = (value: number | null): string | null => (value === null ? null : `${value}ms`);

const COLUMNS: readonly Column<Pair>[] = [
  {
    title: 'time',
    value: ({ request }) => isoTime(request.timeMs),
    short: ({ request }) => shortSecondsOf(request.timeMs),
    width: 24,
    shortWidth: 14,
    paint: (text, _pair, { dim }) => dim(text),
  },
  { title: 'method', value: ({ request }) => request.method, width: 6 },
  { title: 'target', value: ({ request }) => request.target, width: 32, least: 20 },
  { title: 'status', value: statusOf, width: 6, shortWidth: 16, least: 16, paint: painted },
  { title: 'queue', value: ({ queueMs }) => ms(queueMs), align: 'right', width: 7, drop: 2 },
  { title: 'backend', value: ({ backendMs }) => ms(backendMs), align: 'right', width: 7 },
  { title: 'total', value: ({ totalMs }) => ms(totalMs), align: 'right', width: 7 },
  { title: 'id', value: ({ request }) => request.id, width: 21, drop: 1 },
];

/** `200`, `503 backend_unhealthy`, `- timeout`, `200 late`. */
function statusOf({ status, code, outcome }: Pair): string {
  const words = [status ?? '-', code];
  if (outcome !== 'answered' && outcome !== 'unanswered') words.push(outcome);
  return words.filter((word) => word !== null).join(' ');
}

function painted(text: string, { status, outcome }: Pair, { red, yellow, green }: Printer['colors']): string {
  if (outcome === 'unanswered' || outcome === 'cut' || (status ?? 0) >= 500) return red(text);
  if (outcome !== 'answered' || (status ?? 0) >= 400) return yellow(text);
  return green(text);
}

/** Prints pairs: a line of an access log each. */
export function createPairLines(print: Printer): (pair: Pair) => void {
  return print.stream(COLUMNS, jsonOf);
}

/** Public interface: docs/commands.md names each of them. */
function jsonOf({ request, reply, outcome, status, code, bytes, queueMs, backendMs, totalMs }: Pair): object {
  return {
    time: isoTime(request.timeMs),
    method: request.method,
    target: request.target,
    status,
    code,
    outcome,
    queue_ms: queueMs,
    backend_ms: backendMs,
    total_ms: totalMs,
    request_bytes: request.bytes,
    reply_bytes: reply === null ? null : bytes,
    id: request.id,
    client: request.client,
    principal: request.principal,
    topic: request.topic,
    request: placeOf(request),
    reply: reply === null ? null : placeOf(reply),
  };
}
