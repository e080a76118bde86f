import { parseTraceparent, type TraceContext } from '@kafka-http-proxy/protocol';
import { KIND, type Kind, Span } from '../port/span.js';
import type { Trace } from '../port/trace.js';
import type { Tracing } from '../port/tracing.js';

/** A tracing that keeps its spans. */
export interface RecordingTracing extends Tracing {
  /** Spans that have ended, in that order. */
  readonly ended: readonly Span[];
  /** Spans that have begun and not ended. */
  readonly open: ReadonlySet<Span>;
  /** How often it was asked about a trace. */
  readonly decided: number;
  /** The span of this name that has ended. @throws Error with all names, where there is not just one */
  one(name: string): Span;
}

/**
 * A tracing for tests: it does as the sampled flag of what came says, and begins traces as `sampled` says. Ids count
 * up. A span that ends twice is an error.
 *
 * @param now ms since the epoch
 * @example
 * const tracing = recordingTracing(clock.now);
 * expect(factsOf(tracing.one('GET'))).toMatchObject({ 'http.response.status_code': 200 });
 */
export function recordingTracing(now: () => number, { sampled = true } = {}): RecordingTracing {
  const ended: Span[] = [];
  const open = new Set<Span>();
  let ids = 0;
  let decided = 0;
  const id = (digits: number) => (++ids).toString(16).padStart(digits, '0');

  function decide(incoming: TraceContext | null, trusted: boolean): Trace {
    decided++;
    const parent = incoming === null ? null : parseTraceparent(incoming.traceparent);
    if (incoming === null || parent === null || !trusted) {
      const traceId = id(32);
      const onward = sampled ? null : { traceparent: `00-${traceId}-${id(16)}-00` };
      return { traceId, parentId: '', sampled, state: undefined, link: parent, onward };
    }
    const { traceId, spanId: parentId } = parent;
    const onward = parent.sampled ? null : incoming;
    return { traceId, parentId, sampled: parent.sampled, state: incoming.tracestate, link: null, onward };
  }

  return {
    ended,
    open,
    get decided() {
      return decided;
    },
    now,
    decide,
    begin(trace, parentId, kind: Kind, name, startMs = now()) {
      if (!trace.sampled) throw new Error(`a span "${name}" of a trace that is not sampled`);
      const span = new Span(trace, id(16), parentId, kind, name, startMs);
      open.add(span);
      return span;
    },
    end(span, endMs = now()) {
      if (!open.delete(span)) throw new Error(`the span "${span.name}" ended twice`);
      span.endMs = endMs;
      ended.push(span);
    },
    stop: () => Promise.resolve(),
    one(name) {
      const found = ended.filter((span) => span.name === name);
      if (found.length === 1) return found[0] as Span;
      throw new Error(`${found.length} spans "${name}" have ended; all: ${ended.map((span) => span.name).join(', ')}`);
    },
  };
}

/** Attributes as an object. */
export function factsOf({ facts: own, common }: Pick<Span, 'facts' | 'common'>): Record<string, unknown> {
  const facts = common === null ? own : [...common.facts, ...own];
  const all: Record<string, unknown> = {};
  for (let i = 0; i < facts.length; i += 2) all[String(facts[i])] = facts[i + 1];
  return all;
}

/** Name of a kind. */
export function kindOf({ kind }: Pick<Span, 'kind'>): string | undefined {
  return Object.entries(KIND).find(([, number]) => number === kind)?.[0];
}

/** Names of what happened within a span, in order. */
export function eventsOf({ noted }: Pick<Span, 'noted'>): string[] {
  return (noted ?? []).map(({ name }) => name);
}
