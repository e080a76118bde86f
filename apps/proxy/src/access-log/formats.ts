import type { AccessEntry } from './entry.js';
import { escaped, headerText, lineText, targetText, visible } from './text.js';

/** Writes an entry as one line, its end included. @param query true: queries too */
export type AccessFormat = (entry: AccessEntry, query: boolean) => string;

/** The formats by their name in the configuration. */
export const ACCESS_FORMATS: Readonly<Record<'json' | 'clf' | 'combined', AccessFormat>> = {
  json,
  clf: (entry, query) => `${common(entry, query)}\n`,
  combined: (entry, query) => {
    const referer = escaped(headerText(entry.referer, query));
    return `${common(entry, query)} "${referer}" "${escaped(headerText(entry.userAgent))}"\n`;
  },
};

/**
 * The Common Log Format, as Apache has it: `%h %l %u %t "%r" %>s %b`
 * (https://httpd.apache.org/docs/2.4/logs.html#common).
 */
function common({ client, principal, line, atMs, status, bytes }: AccessEntry, query: boolean): string {
  const request = escaped(lineText(line, query));
  // It stands between blanks, without quotes.
  const user = principal === null ? '-' : escaped(principal).replaceAll(' ', '\\x20');
  return `${client ?? '-'} - ${user} [${clfTime(atMs)}] "${request}" ${status} ${bytes === 0 ? '-' : bytes}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `28/Nov/2026:17:04:09 +0000`: always in UTC, as the other lines of the log are. */
function clfTime(atMs: number): string {
  const [year, month, day, time] = new Date(atMs).toISOString().split(/[-T.]/);
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}

/**
 * Names are those of OpenTelemetry's semantic conventions, where these have one
 * (https://opentelemetry.io/docs/specs/semconv/http/http-spans/); the first four are those of all lines here.
 */
function json(entry: AccessEntry, query: boolean): string {
  const { line, queueMs, backendMs } = entry;
  const known = line !== null && 'method' in line ? line : null;
  const [path, ...rest] = known === null ? [] : targetText(known.target, query).split('?');
  const fields = {
    level: 'info',
    time: new Date(entry.atMs).toISOString(),
    name: 'kafka-proxy',
    msg: 'access',
    'client.address': entry.client ?? undefined,
    principal: entry.principal ?? undefined,
    'http.request.method': known === null ? undefined : visible(known.method),
    'url.path': path === undefined ? undefined : visible(path),
    'url.query': rest.length === 0 ? undefined : visible(rest.join('?')),
    'network.protocol.version': known?.version,
    request_line: line !== null && 'raw' in line ? visible(lineText(line, query)) : undefined,
    'http.response.status_code': entry.status,
    'http.response.body.size': entry.bytes,
    duration_ms: Math.round(entry.tookMs * 10) / 10,
    queue_ms: queueMs ?? undefined,
    backend_ms: backendMs ?? undefined,
    'messaging.destination.name': entry.topic,
    request_id: entry.requestId,
    correlation_id: entry.correlationId,
    'error.type': entry.code,
    trace_id: entry.traceId ?? undefined,
  };
  return `${JSON.stringify(fields)}\n`;
}
