import type { SpanRef, Trace } from './trace.js';

/** Kinds of spans, by the numbers of OpenTelemetry's API. */
export const KIND = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 } as const;
/** One of {@link KIND}. */
export type Kind = (typeof KIND)[keyof typeof KIND];

/** Attributes as a flat list, a name and its value in turn: a list that is written once costs less than an object. */
export type Facts = readonly (string | number | boolean | readonly string[])[];

/** Attributes that many spans have alike: they become bytes once. */
export class CommonFacts {
  /** As they stand in a span's message; made by whoever writes them first. */
  bytes: Uint8Array | null = null;

  constructor(readonly facts: Facts) {}
}

/** Something that happened within a span. */
export interface SpanEvent {
  readonly name: string;
  /** Ms since the epoch. */
  readonly atMs: number;
  readonly facts: Facts;
}

/** A span that is recorded. Made only for what is sampled. */
export class Span {
  /** Ms since the epoch; 0 until it has ended. */
  endMs = 0;
  /** Attributes; set by whoever ends it. */
  facts: Facts = NONE;
  /** Further attributes, that it has in common with others. */
  common: CommonFacts | null = null;
  noted: SpanEvent[] | null = null;
  /** Spans that it belongs to beside its parent. */
  linked: SpanRef[] | null = null;
  /** Set where it failed: its `error.type` is among the facts. */
  failed = false;

  constructor(
    readonly trace: Trace,
    readonly spanId: string,
    /** Empty: it is the root. */
    readonly parentId: string,
    readonly kind: Kind,
    /** The route of a request is known only after its span has begun. */
    public name: string,
    /** Ms since the epoch, with fractions. */
    readonly startMs: number,
  ) {}

  /** Whether its parent is in another process: that of the request is. */
  get parentIsRemote(): boolean {
    return this.parentId !== '' && this.parentId === this.trace.parentId;
  }

  /** Notes what happened. @param atMs since the epoch */
  happened(name: string, atMs: number, facts: Facts = NONE): void {
    this.noted ??= [];
    // Streams may stall without end.
    if (this.noted.length < MAX_EVENTS) this.noted.push({ name, atMs, facts });
  }

  /** Belongs to another span too. */
  linkTo(other: SpanRef): void {
    this.linked ??= [];
    this.linked.push(other);
  }
}

/** Most events of a span, as OTEL_SPAN_EVENT_COUNT_LIMIT has it by default. */
const MAX_EVENTS = 128;
const NONE: Facts = [];
