import type { Attributes, ReceivedSpan } from './span.js';

/** What {@link treeOf} says of each span beside its kind, name and status. */
export interface TreeOptions {
  /** Names of attributes of spans and events, in the order in which they are printed; none when left out. */
  readonly attributes?: readonly string[] | 'all';
}

/**
 * The trees of spans as text that is the same in each run: no ids, no times.
 *
 *     SERVER GET /orders @kafka-http-proxy-proxy {http.response.status_code=200}
 *       PRODUCER send requests
 *         CONSUMER process requests @kafka-http-proxy-processor
 *           * redelivered
 *           -> send requests
 *
 * A line a span, below its parent; siblings and traces by their start, traces apart by an empty line. `@` names the service
 * where it is another than the parent's, ` ERROR` the status, `*` an event, `->` what is linked. What was not received is
 * "elsewhere".
 */
export function treeOf(spans: readonly ReceivedSpan[], options: TreeOptions = {}): string {
  const known = new Map(spans.map((span) => [keyOf(span.traceId, span.spanId), span]));
  const isChild = (span: ReceivedSpan) => known.has(keyOf(span.traceId, span.parentId));
  const children = grouped(spans.filter(isChild), (span) => keyOf(span.traceId, span.parentId));
  const factsOf = (attributes: Attributes) => printed(attributes, options.attributes ?? []);

  const linesOf = (span: ReceivedSpan, parent: ReceivedSpan | null, indent: string): string[] => {
    const service = String(span.resource['service.name'] ?? '');
    const line = [
      `${indent}${span.kind} ${span.name}`,
      parent !== null && parent.resource['service.name'] === service ? '' : `@${service}`,
      parent === null && span.parentId !== '' ? '(parent elsewhere)' : '',
      span.status.code === 'UNSET' ? '' : `${span.status.code} ${span.status.message}`.trim(),
      factsOf(span.attributes),
    ];
    const inner = `${indent}  `;
    return [
      line.filter((part) => part !== '').join(' '),
      ...span.events.map((event) => `${inner}* ${event.name} ${factsOf(event.attributes)}`.trimEnd()),
      ...span.links.map((link) => {
        const linked = known.get(keyOf(link.traceId, link.spanId));
        const where = link.traceId === span.traceId ? '' : ' in another trace';
        return `${inner}-> ${linked?.name ?? 'elsewhere'}${where}`;
      }),
      ...byStart(children.get(keyOf(span.traceId, span.spanId)) ?? []).flatMap((child) => linesOf(child, span, inner)),
    ];
  };

  const roots = byStart(spans.filter((span) => !isChild(span)));
  const traces = grouped(roots, (root) => root.traceId);
  return [...traces.values()].map((tops) => tops.flatMap((top) => linesOf(top, null, '')).join('\n')).join('\n\n');
}

function keyOf(traceId: string, spanId: string): string {
  return `${traceId}:${spanId}`;
}

function grouped(spans: readonly ReceivedSpan[], by: (span: ReceivedSpan) => string): Map<string, ReceivedSpan[]> {
  const groups = new Map<string, ReceivedSpan[]>();
  for (const span of spans) {
    const key = by(span);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [span]);
    else group.push(span);
  }
  return groups;
}

function byStart(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  return [...spans].sort((one, other) => {
    if (one.startNs !== other.startNs) return one.startNs < other.startNs ? -1 : 1;
    return byText(one.name, other.name);
  });
}

/** The same on every machine, whatever its language. */
function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}

function printed(attributes: Attributes, wanted: readonly string[] | 'all'): string {
  const names = wanted === 'all' ? Object.keys(attributes).sort(byText) : wanted.filter((name) => name in attributes);
  if (names.length === 0) return '';
  return `{${names.map((name) => `${name}=${plain(attributes[name])}`).join(', ')}}`;
}

function plain(value: Attributes[string] | undefined): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
