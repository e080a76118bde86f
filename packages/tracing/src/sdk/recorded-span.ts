import {
  type Attributes,
  createTraceState,
  type HrTime,
  type Link,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-base';
import { type Facts, type Kind, Span } from '../port/span.js';
import type { SpanRef, Trace } from '../port/trace.js';

/** What all spans of a process have in common. */
export interface Home {
  readonly resource: Resource;
  readonly scope: { readonly name: string; readonly version: string; readonly schemaUrl: string };
}

/**
 * Our span as the SDK's processors and exporters read theirs. The SDK's own costs several times as much to make: it
 * keeps attributes as objects, times as pairs and limits that ours do not come near. What is asked for here is computed
 * when it is, which the export by protobuf never does.
 */
export class RecordedSpan extends Span implements ReadableSpan {
  constructor(
    private readonly home: Home,
    trace: Trace,
    spanId: string,
    parentId: string,
    kind: Kind,
    name: string,
    startMs: number,
  ) {
    super(trace, spanId, parentId, kind, name, startMs);
  }

  /** Whether it is to be exported is all that is asked of it: a span is made only where it is. */
  spanContext(): SpanContext {
    const { traceId, state } = this.trace;
    const context = { traceId, spanId: this.spanId, traceFlags: TraceFlags.SAMPLED };
    return state === undefined ? context : { ...context, traceState: createTraceState(state) };
  }

  get parentSpanContext(): SpanContext {
    // It may be undefined, which exactOptionalPropertyTypes keeps from saying.
    if (this.parentId === '') return undefined as unknown as SpanContext;
    const { parentIsRemote: isRemote, parentId: spanId } = this;
    return { traceId: this.trace.traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote };
  }

  get startTime(): HrTime {
    return hrTime(this.startMs);
  }

  get endTime(): HrTime {
    return hrTime(this.endMs);
  }

  get duration(): HrTime {
    return hrTime(Math.max(0, this.endMs - this.startMs));
  }

  get status() {
    return { code: this.failed ? SpanStatusCode.ERROR : SpanStatusCode.UNSET };
  }

  get attributes(): Attributes {
    return attributesOf(this.common === null ? this.facts : [...this.common.facts, ...this.facts]);
  }

  get links(): Link[] {
    return (this.linked ?? []).map((to: SpanRef) => ({
      context: { ...to, traceFlags: TraceFlags.SAMPLED, isRemote: true },
    }));
  }

  get events(): TimedEvent[] {
    return (this.noted ?? []).map(({ name, atMs, facts }) => ({
      name,
      time: hrTime(atMs),
      attributes: attributesOf(facts),
      droppedAttributesCount: 0,
    }));
  }

  get ended(): boolean {
    return this.endMs > 0;
  }

  get resource(): Resource {
    return this.home.resource;
  }

  get instrumentationScope(): Home['scope'] {
    return this.home.scope;
  }

  get droppedAttributesCount(): number {
    return 0;
  }

  get droppedEventsCount(): number {
    return 0;
  }

  get droppedLinksCount(): number {
    return 0;
  }
}

function attributesOf(facts: Facts): Attributes {
  const attributes: Attributes = {};
  for (let i = 0; i < facts.length; i += 2) {
    const value = facts[i + 1] as Facts[number];
    attributes[facts[i] as string] = typeof value === 'object' ? [...value] : value;
  }
  return attributes;
}

/** Seconds and ns, as the SDK has times. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.min(Math.round((ms - seconds * 1000) * 1e6), 999_999_999)];
}
